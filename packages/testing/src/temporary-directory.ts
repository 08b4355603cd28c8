import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new directory that is removed with `using`, or by calling its `remove`. */
export interface TemporaryDirectory extends Disposable {
  readonly path: string;
  remove(): void;
}

/** Makes a directory of its own below the system's directory for temporary files. */
export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), 'sai3bench-test-'));
  const remove = (): void => {
    rmSync(path, { recursive: true, force: true });
  };
  return { path, remove, [Symbol.dispose]: remove };
}
