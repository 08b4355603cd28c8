import { renameSync, writeFileSync } from 'node:fs';

/** Writes a whole file under a temporary name and renames it, so that nobody reads half of it. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { flush: true });
  renameSync(`${path}.new`, path);
}
