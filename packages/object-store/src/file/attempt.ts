import type { SystemError } from './file-transfer.ts';

/** Runs a quick blocking step that has no asynchronous form worth its cost. */
export function attempt(step: () => void, done: (error: SystemError) => void): void {
  try {
    step();
  } catch (error) {
    done(error as NodeJS.ErrnoException);
    return;
  }
  done(null);
}
