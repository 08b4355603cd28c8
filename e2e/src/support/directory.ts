import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What is in a directory of objects, looked at and changed past the programs under test. */
export class DirectoryView {
  readonly #path: string;

  constructor(path: string) {
    mkdirSync(path, { recursive: true });
    this.#path = path;
  }

  /** Sizes of all objects but checkpoints, in bytes, by their keys. */
  objects(): ReadonlyMap<string, number> {
    const names = readdirSync(this.#path).filter((name) => !name.startsWith('.sai3-cache-'));
    return new Map(names.map((name) => [name, statSync(join(this.#path, name)).size]));
  }

  delete(keys: readonly string[]): void {
    for (const key of keys) rmSync(join(this.#path, key));
  }
}
