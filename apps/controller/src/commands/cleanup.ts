import { BenchError, type ExitCode } from '@sai3bench/errors';
import type { AgentPlan } from '@sai3bench/workload-config';
import { addressesOf } from '../console/render-plan.ts';
import type { ProcessIo } from '../process-io.ts';
import { runCommand, type RunCommandOptions } from './run.ts';

const NAMED_ADDRESSES = 3;

/** What the command line says. */
export interface CleanupCommandOptions extends RunCommandOptions {
  /** Deletes without asking. */
  readonly yes: boolean;
}

/**
 * `sai3bench-ctl cleanup`: deletes what earlier runs of a workload have made, as their ledgers on the agents say. Asks
 * before, once the workload file is known to be valid.
 *
 * @throws BenchError `CLEANUP_UNCONFIRMED` when nobody can be asked and `--yes` was not given
 */
export async function cleanupCommand(
  options: CleanupCommandOptions,
  io: ProcessIo,
): Promise<ExitCode> {
  const run = { ...options, cleanupOnly: true, resume: true };
  return runCommand(run, io, options.yes ? undefined : (plans) => isConfirmed(plans, run, io));
}

async function isConfirmed(
  plans: readonly AgentPlan[],
  { config }: RunCommandOptions,
  io: ProcessIo,
): Promise<boolean> {
  if (io.ask === undefined) {
    throw new BenchError('cleanup deletes objects, and there is no terminal to ask at', {
      code: 'CLEANUP_UNCONFIRMED',
      class: 'config',
      hint: 'add --yes to delete without a question; --dry-run shows where, and deletes nothing',
    });
  }
  const places = listOf(addressesOf(plans));
  const answer = await io.ask(
    `Delete all objects that earlier runs of ${config} have made at ${places}? [y/N] `,
  );
  const confirmed = /^y(es)?$/i.test(answer.trim());
  if (!confirmed) io.sink.write('Nothing was deleted\n');
  return confirmed;
}

/** Some of many, so that a question stays one. */
function listOf(addresses: readonly string[]): string {
  const more = addresses.length - NAMED_ADDRESSES;
  const named = addresses.slice(0, NAMED_ADDRESSES).join(', ');
  return more > 0 ? `${named} and ${String(more)} more` : named;
}
