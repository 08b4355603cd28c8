import { BenchError } from '@sai3bench/errors';
import type { OnProgress } from '../dataset/on-progress.ts';
import type { RunDataset } from '../dataset/run-dataset.ts';
import { forgetDirectories, forgetPuts, markPutsDeleted } from '../memory/run-memory.ts';
import type { ErrorGroup } from '../stage/error-journal.ts';
import { formatDirectories } from '../stage/stage-verdict.ts';
import { removeDirectories } from './directory-removal.ts';
import type { WorkerFleet } from './worker-fleet.ts';

/** What tidying up needs. */
export interface TidyUpOptions {
  readonly dataset: RunDataset;
  readonly fleet: WorkerFleet;
  /** Leaves it at what has been done. */
  readonly stopping: AbortSignal;
  readonly onProgress: OnProgress;
}

/**
 * What is left to do when the objects of a run are deleted. With other agents on the same storage, some of it waits for the
 * end of the run: only then all of them have deleted theirs.
 */
export class TidyUp {
  readonly #options: TidyUpOptions;
  readonly #aloneOnStorage: boolean;
  #directoriesLeft = false;

  constructor(options: TidyUpOptions) {
    this.#options = options;
    this.#aloneOnStorage = options.fleet.plan.agentCount === 1;
  }

  /**
   * Does what a cleanup stage still has to do when its objects are deleted.
   *
   * @param allDeleted whether none of them is left
   * @returns what failed of it
   */
  async afterObjects(allDeleted: boolean): Promise<readonly ErrorGroup[]> {
    const { dataset, fleet, onProgress } = this.#options;
    if (allDeleted) {
      const workers = fleet.workers.map(({ number }) => number);
      markPutsDeleted(fleet.plan, fleet.memory, workers);
    }
    const uploads = await dataset.abortUploads(onProgress);
    const left = [...uploads, ...(await dataset.deleteVersions(onProgress))];
    return this.#aloneOnStorage ? [...left, ...(await this.#removeRest())] : left;
  }

  /** Notes that a cleanup stage has ended. */
  stageEnded(isCompleted: boolean): void {
    const { memory, plan } = this.#options.fleet;
    forgetPuts(memory);
    if (this.#aloneOnStorage) forgetDirectories(plan, memory);
    this.#directoriesLeft = !this.#aloneOnStorage && isCompleted;
  }

  /**
   * Does what had to wait for all agents.
   *
   * @returns `CLEANUP_INCOMPLETE` when directories are left
   */
  async atEnd(): Promise<BenchError | undefined> {
    if (!this.#directoriesLeft) return undefined;
    const left = await this.#removeRest();
    return left.length > 0 ? leftError(left) : undefined;
  }

  /** First the checkpoint, which tells of nothing any more; then directories. */
  async #removeRest(): Promise<readonly ErrorGroup[]> {
    const { dataset, fleet, onProgress, stopping } = this.#options;
    await dataset.cleanedUp(onProgress);
    return removeDirectories({
      fleet,
      aloneOnStorage: this.#aloneOnStorage,
      stopped: () => stopping.aborted,
      onProgress: (tried, total) => {
        onProgress('removing directories', tried, total);
      },
      nowMs: () => performance.now(),
    });
  }
}

/** Directories that are left when everybody has deleted their objects. */
function leftError(left: readonly ErrorGroup[]): BenchError {
  const [first] = left;
  const count = left.reduce((sum, group) => sum + group.count, 0);
  return new BenchError(`${formatDirectories(count)} could not be removed`, {
    code: 'CLEANUP_INCOMPLETE',
    class: first?.class ?? 'internal',
    hint: first?.hint,
    endpoint: first?.endpoint,
    key: first?.key,
    cause: first === undefined ? undefined : { message: first.message },
  });
}
