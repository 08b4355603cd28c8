import { BenchError, type ExitCode, EXIT_CODES } from '@sai3bench/errors';
import type { ProcessIo } from '../process-io.ts';
import { runCommand, type RunCommandOptions } from './run.ts';

/** What the command line says. */
export interface CleanupCommandOptions extends RunCommandOptions {
  /** Deletes without asking. */
  readonly yes: boolean;
}

/**
 * `sai3bench-ctl cleanup`: deletes what earlier runs of a workload have made, as their ledgers on the agents say. Asks
 * before.
 *
 * @throws BenchError `CLEANUP_UNCONFIRMED` when nobody can be asked and `--yes` was not given
 */
export async function cleanupCommand(
  options: CleanupCommandOptions,
  io: ProcessIo,
): Promise<ExitCode> {
  if (!options.yes && !options.dryRun && !(await isConfirmed(options.config, io))) {
    io.sink.write('Nothing was deleted\n');
    return EXIT_CODES.ok;
  }
  return runCommand({ ...options, cleanupOnly: true, resume: true }, io);
}

async function isConfirmed(config: string, io: ProcessIo): Promise<boolean> {
  if (io.ask === undefined) {
    throw new BenchError('cleanup deletes objects, and there is no terminal to ask at', {
      code: 'CLEANUP_UNCONFIRMED',
      class: 'config',
      hint: 'add --yes to delete without a question, or --dry-run to see what is known first',
    });
  }
  const answer = await io.ask(
    `Delete all objects that earlier runs of ${config} have prepared? [y/N] `,
  );
  return /^y(es)?$/i.test(answer.trim());
}
