import { progressFromWire } from '@sai3bench/barrier-protocol';
import type { Attached } from '../link/run-stream.ts';
import { beginLate } from '../phases/begin-late.ts';
import type { ActiveRun } from '../run/active-run.ts';
import type { AgentMember } from '../team/agent-member.ts';
import { restoreProgress } from './restore-session.ts';

/** Takes up an agent that another controller has led so far, from what it says of itself. */
export function takeUp(run: ActiveRun, member: AgentMember, attached: Attached): void {
  const { acknowledged, stage, state } = attached;
  const session = run.sessionOf(stage);
  run.options.observer.detail(`${member.id} is taken over: ${state}`);
  member.stateAtTakeover = { stage, state };
  // A stage may have begun without it while it was getting ready.
  if (session?.tally.agents.has(member.id) !== true) return;
  if (acknowledged !== undefined) {
    restoreProgress(session, member.id, progressFromWire(acknowledged));
  }
  if (run.begun === undefined || stage !== run.stageIndex) return;
  if (state !== 'loaded') return;
  // The order to begin was lost with the controller that gave it: it begins later than the others.
  void beginLate(run, member, session, run.begun.conditions);
}
