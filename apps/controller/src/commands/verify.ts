import type { ExitCode } from '@sai3bench/errors';
import type { ProcessIo } from '../process-io.ts';
import { runCommand, type RunCommandOptions } from './run.ts';

/**
 * `sai3bench-ctl verify`: reads every object that a workload prepares and compares it with what was written. Changes
 * nothing.
 *
 * @throws BenchError for mistakes in the command line and the workload file
 */
export async function verifyCommand(options: RunCommandOptions, io: ProcessIo): Promise<ExitCode> {
  return runCommand({ ...options, verifyOnly: true, cleanupOnly: false, resume: true }, io);
}
