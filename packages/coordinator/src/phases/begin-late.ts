import type { PlainPoolCondition } from '@sai3bench/barrier-protocol';
import type { ActiveRun } from '../run/active-run.ts';
import type { StageSession } from '../stage/stage-session.ts';
import type { AgentMember } from '../team/agent-member.ts';
import { orderToBegin } from './order-to-begin.ts';

/** From the order to begin to the start of an agent that begins after the others. */
const LATE_START_MS = 50;

/**
 * Orders an agent to begin a stage later than the others, as soon as its clock is known; not when the stage is over for
 * it by then.
 *
 * @param session of the stage
 */
export async function beginLate(
  run: ActiveRun,
  member: AgentMember,
  session: StageSession,
  conditions: readonly PlainPoolCondition[],
): Promise<void> {
  await run.clocks.learn(member, () => run.session === session && !session.has(member.id));
  const isStillOn = run.session === session && member.active && !member.isLeftBehind;
  if (!isStillOn || !member.clock.isKnown) return;
  const { start } = session;
  const instantNs = Math.max(start.instantNs, run.options.nowNs() + LATE_START_MS * 1e6);
  start.addLate(member.id, member.clock.at(instantNs).errorNs / 1e6);
  orderToBegin(member, session.number - 1, instantNs, conditions);
}
