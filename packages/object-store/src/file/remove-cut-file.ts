import { lstat, lstatSync, unlink, unlinkSync } from 'node:fs';

/**
 * Removes what a PUT has left that has opened its file and then failed: empty or cut as it is, it would pass for an object to
 * who lists or reads it. What it has overwritten is gone as well, since it was emptied first. Links and devices are left: they are
 * not what the PUT has made, nor do they hold what was written.
 */
export function removeCutFileSync(path: string): void {
  try {
    if (lstatSync(path).isFile()) unlinkSync(path);
  } catch {
    // The error of the PUT itself is what is told; somebody else may have removed the file.
  }
}

/** The same through the thread pool; what cannot be removed is no error of its own. */
export function removeCutFile(path: string, done: () => void): void {
  lstat(path, (error, stats) => {
    if (error === null && stats.isFile()) unlink(path, done);
    else done();
  });
}
