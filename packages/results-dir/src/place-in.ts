import { join } from 'node:path';
import { BenchError } from '@sai3bench/errors';

/** One name, not a path; neither hidden nor longer than file systems take. */
const NAME = /^[A-Za-z0-9_][\w.-]{0,199}$/;

/**
 * The path of a file or directory below another. Names may come from elsewhere, such as from agents: none of them leads
 * out of the directory.
 *
 * @throws BenchError `RESULTS_NAME` for a name that is more, or less, than the name of an entry
 */
export function placeIn(directory: string, name: string): string {
  if (NAME.test(name)) return join(directory, name);
  throw new BenchError(`${JSON.stringify(name.slice(0, 100))} cannot be a name in ${directory}`, {
    code: 'RESULTS_NAME',
    class: 'config',
    hint: 'names consist of letters, digits, _ . and -, and begin with a letter, a digit or _',
  });
}
