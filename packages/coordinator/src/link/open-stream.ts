import type { ActiveRun } from '../run/active-run.ts';
import { AgentEvents } from '../run/agent-events.ts';
import type { AgentMember } from '../team/agent-member.ts';
import type { RunStream } from './run-stream.ts';

/** Gets ready to hold the stream of an agent; it is for the caller to start it, or to take it over. */
export function openStream(run: ActiveRun, member: AgentMember): RunStream {
  const { runId, version, workload } = run.options;
  return member.link.openRun({
    ...{ runId, version, controllerId: run.controllerId },
    graceMs: workload.reconnectGraceMs,
    isGone: () => member.isProcessGone,
    nowMs: () => run.nowMs(),
    listener: new AgentEvents(run, member),
  });
}
