import type { RunRequest } from '@sai3bench/barrier-protocol';

/** Tells an agent to stop everything. */
export function abortCommand(reason: string): RunRequest['command'] {
  return { case: 'abortRun', value: { $typeName: 'sai3bench.agent.v1.AbortRun', reason } };
}
