import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a results directory says of its run beside what is there for another controller. */
export type RunTrace =
  /** It is no results directory, or is not there. */
  | { readonly state: 'none' }
  /** Its controller has ended without saying how the run has. */
  | { readonly state: 'unknown' }
  | {
      readonly state: 'ended';
      /** `SUCCESS`, `FAILURE` or `INTERRUPTED`. */
      readonly outcome: string;
      /** When, in the words of STATUS.txt. */
      readonly at: string;
    };

/** Looks into a results directory for how its run has ended. */
export function traceOfRun(directory: string): RunTrace {
  const status = readIfThere(join(directory, 'STATUS.txt'));
  const outcome = /^TEST STATUS: (\w+)$/m.exec(status)?.[1];
  if (outcome !== undefined) {
    return { state: 'ended', outcome, at: /^Timestamp: (.+)$/m.exec(status)?.[1] ?? '' };
  }
  const isOurs = ['metadata.json', 'console.log'].every((name) =>
    existsSync(join(directory, name)),
  );
  return { state: isOurs ? 'unknown' : 'none' };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Whatever the reason is, it does not say how the run has ended.
  }
}
