import { BenchError } from '@sai3bench/errors';

const MIB = 1024 * 1024;

/** How much memory the names of listed objects may take, so that they do not cost the process its life. */
export class MemoryBudget {
  readonly #limitBytes: number;
  #takenBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** @throws BenchError `TOO_MANY_KEYS` when more is asked for than is left */
  take(bytes: number): void {
    this.#takenBytes += bytes;
    if (this.#takenBytes <= this.#limitBytes) return;
    throw new BenchError(
      `the names of the objects to pick from do not fit into ${String(Math.floor(this.#limitBytes / MIB))} MiB, a quarter of this host's memory`,
      {
        code: 'TOO_MANY_KEYS',
        class: 'resource',
        hint: 'narrow the path of the operation, or describe the objects with prepare.ensure_objects: then their names are computed',
      },
    );
  }

  give(bytes: number): void {
    this.#takenBytes -= bytes;
  }
}
