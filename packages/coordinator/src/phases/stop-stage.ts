import { waitBriefly } from '../barrier/wait-briefly.ts';
import { notStoppedError } from '../link/agent-errors.ts';
import type { ActiveRun } from '../run/active-run.ts';
import type { AgentMember } from '../team/agent-member.ts';

/** How long agents may take to end a stage that they are told to end. */
const STOP_STAGE_MS = 5_000;

/** Tells agents to end a stage with what they have done. */
export function tellToStopStage(
  members: readonly AgentMember[],
  stage: number,
  reason: string,
): void {
  for (const member of members) {
    const value = { $typeName: 'sai3bench.agent.v1.StopStage', stage, reason } as const;
    member.isToEndStage = true;
    member.link.send({ case: 'stopStage', value });
  }
}

/** Has those end a stage that are still at it, and waits until they have; who does not is a failure. */
export async function stopStage(run: ActiveRun, stage: number, reason: string): Promise<void> {
  const kind = run.options.workload.stages[stage]?.kind;
  const busy = run.team.participants.filter(({ isIdle }) => !isIdle);
  if (busy.length === 0) return;
  const gate = run.team.newGate();
  for (const { id } of run.team.participants) if (!isIn(busy, id)) gate.arrive(id);
  tellToStopStage(busy, stage, reason);
  await waitBriefly(STOP_STAGE_MS, gate);
  for (const member of busy) {
    if (!member.isIdle) run.team.fail(member, notStoppedError(member.agent, kind));
  }
}

function isIn(members: readonly AgentMember[], wanted: string): boolean {
  return members.some(({ id }) => id === wanted);
}
