import { Code, type ConnectError } from '@connectrpc/connect';
import { PROTOCOL_VERSION } from '@sai3bench/barrier-protocol';
import { BenchError, type ErrorRecord, toErrorRecord } from '@sai3bench/errors';
import { refusalOf } from './link/refusal.ts';
import type { CommandOf } from './run/run-messages.ts';
import { VERSION } from './version.ts';

const SAME_VERSION_HINT = 'install the same version of sai3bench-ctl and sai3bench-agent';

/** The agent has a run already. */
export function busy(runId: string): ConnectError {
  return refused(Code.ResourceExhausted, `the agent is busy with run ${runId}`, {
    ...{ code: 'AGENT_BUSY', class: 'resource' },
    hint: 'wait until that run has ended, or use another agent; sai3bench-ctl stop and its results directory end it',
  });
}

/** Another controller holds the stream of the run. */
export function drivenByOther(runId: string): ConnectError {
  return refused(Code.ResourceExhausted, `run ${runId} is driven by another controller`, {
    ...{ code: 'RUN_DRIVEN', class: 'resource' },
    hint: 'let that one go on, or end it first',
  });
}

/** A stream begins with something else than a run. */
export function noRun(): ConnectError {
  const message = 'the first command of a stream must start a run, or attach to one';
  const hint = SAME_VERSION_HINT;
  return refused(Code.InvalidArgument, message, { code: 'COMMAND_ORDER', class: 'config', hint });
}

/**
 * Lets only controllers through that speak as this agent does.
 *
 * @throws ConnectError for all others
 */
export function refuseVersion({
  controllerVersion,
  protocolVersion,
}: Pick<CommandOf<'startRun'>, 'controllerVersion' | 'protocolVersion'>): void {
  if (protocolVersion === PROTOCOL_VERSION) return;
  throw refused(
    Code.FailedPrecondition,
    `controller ${controllerVersion} speaks protocol ${String(protocolVersion)}, this agent (${VERSION}) speaks ${String(PROTOCOL_VERSION)}`,
    { code: 'AGENT_VERSION', class: 'config', hint: SAME_VERSION_HINT },
  );
}

/** What a controller wants may not be, or makes no sense. */
export function refusedWork(why: ErrorRecord): ConnectError {
  return refusalOf(why.class === 'permission' ? Code.PermissionDenied : Code.InvalidArgument, why);
}

function refused(
  code: Code,
  message: string,
  options: ConstructorParameters<typeof BenchError>[1],
): ConnectError {
  return refusalOf(code, toErrorRecord(new BenchError(message, options)));
}
