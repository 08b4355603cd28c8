import { execFile } from 'node:child_process';

/** Writes back file systems; false when that fails, is not possible, or takes too long. */
export function syncFileSystems(
  directories: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile('sync', ['--file-system', ...directories], (error) => {
      resolve(error === null);
    });
    const giveUp = (): void => {
      child.unref();
      resolve(false);
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
  });
}
