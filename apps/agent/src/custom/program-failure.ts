import { BenchError } from '@sai3bench/errors';
import type { ProgramEnd } from './program.ts';

/** What a failure is about. */
export interface FailedProgram {
  readonly program: string;
  /** The last lines of its error output. */
  readonly lastErrors: readonly string[];
}

/** Why a custom stage has failed, by how its program has ended; undefined when it is complete. */
export function failureOf(
  end: ProgramEnd,
  { lastErrors, program }: FailedProgram,
): BenchError | undefined {
  const log = 'what it has printed is in agents/*/console.log';
  const cause = lastErrors.length === 0 ? undefined : { message: lastErrors.join(' | ') };
  switch (end.type) {
    case 'exited':
      if (end.code === 0) return undefined;
      return new BenchError(`${program} ended with code ${String(end.code)}`, {
        code: 'CUSTOM_FAILED',
        class: 'internal',
        hint: `${log}; exit code 0 stands for success`,
        cause,
      });
    case 'signalled':
      return new BenchError(`${program} was ended by ${end.signal}`, {
        code: 'CUSTOM_FAILED',
        class: 'internal',
        hint: `${log}; see the kernel log if memory was short`,
        cause,
      });
    case 'not-started':
      return new BenchError(`${program} could not be started`, {
        code: 'CUSTOM_NOT_STARTED',
        class: 'config',
        hint: 'install it on every agent, make it executable, and give its absolute path if it is not in the PATH of the agent',
        cause: end.cause,
      });
    case 'no-directory':
      return new BenchError(`there is no directory to run ${program} in`, {
        code: 'CUSTOM_NO_DIRECTORY',
        class: 'resource',
        hint: 'make room in the temporary directory of the agent, or set TMPDIR to another',
        cause: end.cause,
      });
    case 'abandoned':
      return new BenchError(`what ${program} has started could not be ended`, {
        code: 'CUSTOM_ABANDONED',
        class: 'timeout',
        hint: 'it hangs in a system call: check the mount that it uses',
        cause,
      });
  }
}
