import { type GetInfoResponse, PROTOCOL_VERSION } from '@sai3bench/barrier-protocol';
import { processOf } from '@sai3bench/control-link';
import { BenchError } from '@sai3bench/errors';
import { busyError, sameAgentError, versionError } from '../link/agent-errors.ts';
import type { ActiveRun } from '../run/active-run.ts';
import type { ConnectedAgent } from '../run/run-observer.ts';
import type { AgentMember } from '../team/agent-member.ts';

/** How long an agent may take to answer, ... */
const ANSWER_TIMEOUT_MS = 5_000;
/** ... and what each further agent that is asked at the same time adds to it: one connection after the other is made. */
const TIMEOUT_PER_AGENT_MS = 20;

/** How long agents that are asked all at once may take until the last one has answered. */
export function answerTimeoutMs(agents: number): number {
  return ANSWER_TIMEOUT_MS + agents * TIMEOUT_PER_AGENT_MS;
}

/** Asks every agent who it is, all at once; returns whether all of them can take part. */
export async function connectAgents(run: ActiveRun): Promise<boolean> {
  const { agents, observer, stop, version } = run.options;
  const { team } = run;
  observer.connecting(agents);
  const timeoutMs = answerTimeoutMs(agents.length);
  const answers = await stop.race(
    Promise.allSettled(team.members.map(({ link }) => link.info(timeoutMs))),
  );
  if (answers === undefined) return false;
  const connected: ConnectedAgent[] = [];
  const seen = new Map<string, AgentMember>();
  const refused: (readonly [AgentMember, BenchError])[] = [];
  for (const [index, member] of team.members.entries()) {
    const answer = answers[index];
    if (answer?.status !== 'fulfilled') {
      refused.push([member, BenchError.from(answer?.reason)]);
      continue;
    }
    const info = answer.value;
    member.process = processOf(info);
    const error = reasonToRefuse(member, info, seen.get(info.instanceId));
    if (info.instanceId !== '') seen.set(info.instanceId, member);
    if (error !== undefined) refused.push([member, error]);
    else connected.push({ agent: member.agent, version: info.version, hostname: info.hostname });
  }
  observer.connected(connected);
  for (const [member, error] of refused) team.fail(member, error);
  for (const { agent, version: theirs } of connected) {
    if (theirs === version) continue;
    observer.warning(
      `${agent.id} runs version ${theirs}, the controller ${version}: use the same on both sides`,
    );
  }
  return !run.isOver;
}

/** Why an agent cannot take part; undefined when it can. */
export function reasonToRefuse(
  { agent }: Pick<AgentMember, 'agent'>,
  info: GetInfoResponse,
  same: Pick<AgentMember, 'agent'> | undefined,
): BenchError | undefined {
  if (info.protocolVersion !== PROTOCOL_VERSION) return versionError(agent, info);
  if (info.runId !== '') return busyError(agent, info.runId);
  return same === undefined ? undefined : sameAgentError(agent, same.agent);
}
