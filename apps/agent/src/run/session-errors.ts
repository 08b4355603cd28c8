import { BenchError, type ErrorRecord } from '@sai3bench/errors';
import { formatDurationMs } from '@sai3bench/units';

/** The agent itself is to end. */
export function agentStoppedError(reason: string): BenchError {
  return new BenchError(reason, {
    code: 'AGENT_STOPPED',
    class: 'internal',
    hint: 'somebody stopped the agent: start it again, and then the run',
  });
}

/** No controller has led the run for too long. */
export function controllerAwayError(awayMs: number, graceMs: number): BenchError {
  return new BenchError(
    `the controller has been away for ${formatDurationMs(awayMs)}, longer than reconnect_grace (${formatDurationMs(graceMs)})`,
    {
      code: 'CONTROLLER_AWAY',
      class: 'timeout',
      hint: 'take such a run over sooner with sai3bench-ctl attach, or let agents wait longer with distributed.reconnect_grace',
    },
  );
}

/** Somebody has stopped the run who does not hold its stream. */
export function runStoppedError(reason: string): BenchError {
  return new BenchError(`the run was stopped: ${reason}`, {
    code: 'RUN_STOPPED',
    class: 'internal',
  });
}

export function violationError(violation: string): BenchError {
  return new BenchError(`the controller sent a command out of order: ${violation}`, {
    code: 'PROTOCOL_VIOLATION',
    class: 'internal',
    hint: 'use the same version of sai3bench-ctl and sai3bench-agent',
  });
}

/** What the process that does the I/O says has failed. */
export function hostError(error: ErrorRecord): BenchError {
  return new BenchError(error.message, { ...error, cause: { message: error.causes.join(': ') } });
}
