import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program is that a plan names: a path, or a name that is looked for; undefined where it cannot be run. */
export function findProgram(program: string, searchPath: string): string | undefined {
  if (program.includes('/')) return isExecutable(program) ? program : undefined;
  return searchPath
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Whatever the reason, it cannot be run.
    return false;
  }
}
