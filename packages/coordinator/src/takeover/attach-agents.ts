import { processOf } from '@sai3bench/control-link';
import type { BenchError } from '@sai3bench/errors';
import { ownAgentError, processGoneError } from '../link/agent-errors.ts';
import { openStream } from '../link/open-stream.ts';
import type { ActiveRun } from '../run/active-run.ts';
import type { AgentMember } from '../team/agent-member.ts';
import type { LeftRun } from './left-run.ts';

/** How long an agent may take to answer a question. */
export const ANSWER_MS = 5_000;

/**
 * Opens the streams of agents that another controller has led.
 *
 * @param giveUp takes those that are known to have ended, with the reason
 */
export function attachAgents(
  run: ActiveRun,
  { progress }: LeftRun,
  members: readonly AgentMember[],
  giveUp: (member: AgentMember, reason: BenchError) => void,
): void {
  for (const member of members) {
    const reason = reasonToGiveUp(run, member);
    if (reason !== undefined) {
      giveUp(member, reason);
      continue;
    }
    const last = progress?.sequences[member.id] ?? 0;
    member.heard(run.nowMs());
    member.isTakenOver = false;
    learnWho(member);
    run.journal.took(member, last);
    openStream(run, member).takeOver(last);
  }
}

/** Why nothing is to be expected of an agent any more; undefined when it may be there. */
function reasonToGiveUp(run: ActiveRun, member: AgentMember): BenchError | undefined {
  if (run.options.ownsAgents === true) return ownAgentError(member.id);
  return member.isProcessGone ? processGoneError(member.agent) : undefined;
}

/** An agent that does not answer now is away; who it is does not matter then. */
function learnWho(member: AgentMember): void {
  member.link.info(ANSWER_MS).then(
    (info) => {
      member.process = processOf(info);
    },
    () => undefined,
  );
}
