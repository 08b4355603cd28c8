import type { PlainFinding } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { AgentPlan, Workload } from '@sai3bench/workload-config';
import type { AgentConnection } from '../link/agent-connection.ts';
import { AgentLink } from '../link/agent-link.ts';
import type { ForwardedCredentials } from '../link/forwarded-credentials.ts';
import { answerTimeoutMs, reasonToRefuse } from '../phases/connect-phase.ts';
import type { RosterEntry } from '../roster/roster.ts';
import type { StopSignal } from '../run/stop-signal.ts';
import { agentFinding, type CheckedAgent, type FindingsOfAgents } from './checked-agent.ts';
import { sharingOf } from './judge-sharing.ts';
import { PREFLIGHT_LIMIT_MS, preflightAgents } from './preflight-agents.ts';

/** What preflight without a run needs. */
export interface PreflightOptions {
  readonly workload: Workload;
  readonly agents: readonly RosterEntry[];
  /** What each agent would do, in the order of `agents`. */
  readonly plans: readonly AgentPlan[];
  readonly connect: (address: string) => AgentConnection;
  readonly version: string;
  /** Part of the names of all probes, no other preflight's: letters and digits. */
  readonly probeId: string;
  /** For the storage, where agents are to use those of the controller. */
  readonly credentials: ForwardedCredentials | undefined;
  readonly stop: StopSignal;
}

type Asked = CheckedAgent & { readonly agent: RosterEntry; readonly link: AgentLink };

/**
 * Connects to all agents and has them check their plans; nothing is run. Agents that cannot be reached or cannot take part
 * are findings, and the others are checked nevertheless.
 *
 * @returns findings by agent; undefined when the user wants the end
 */
export async function coordinatePreflight(
  options: PreflightOptions,
): Promise<FindingsOfAgents | undefined> {
  const asked = askedOf(options);
  const cancel = new AbortController();
  try {
    return await options.stop.race(checkAll(asked, options, cancel.signal));
  } finally {
    cancel.abort();
    for (const { link } of asked) link.close();
  }
}

function askedOf({ agents, connect, plans }: PreflightOptions): Asked[] {
  return agents.flatMap((agent, index) => {
    const plan = plans[index];
    if (plan === undefined) return [];
    const link = new AgentLink(agent.id, agent.address, () => connect(agent.address));
    return [{ id: agent.id, agent, plan, link }];
  });
}

async function checkAll(
  asked: readonly Asked[],
  { agents, credentials, probeId, version, workload }: PreflightOptions,
  signal: AbortSignal,
): Promise<FindingsOfAgents> {
  const refused = await connectAll(asked, version);
  const able = asked.filter(({ id }) => !isRefused(refused.get(id)));
  const checked = await preflightAgents(able, {
    ...{ credentials, probeId, signal, limitMs: PREFLIGHT_LIMIT_MS },
    sharing: sharingOf(workload, agents.length),
  });
  return new Map(
    asked.map(({ id }) => [id, [...(refused.get(id) ?? []), ...(checked.get(id) ?? [])]]),
  );
}

function isRefused(findings: readonly PlainFinding[] = []): boolean {
  return findings.some(({ level }) => level === 'error');
}

/** Asks every agent who it is, all at once; returns what speaks against them. */
async function connectAll(
  asked: readonly Asked[],
  version: string,
): Promise<Map<string, PlainFinding[]>> {
  const timeoutMs = answerTimeoutMs(asked.length);
  const answers = await Promise.allSettled(asked.map(({ link }) => link.info(timeoutMs)));
  const seen = new Map<string, Asked>();
  const findings = new Map<string, PlainFinding[]>();
  for (const [index, each] of asked.entries()) {
    const answer = answers[index];
    if (answer?.status !== 'fulfilled') {
      findings.set(each.id, [agentFinding(BenchError.from(answer?.reason))]);
      continue;
    }
    const info = answer.value;
    const error = reasonToRefuse(each, info, seen.get(info.instanceId));
    if (info.instanceId !== '') seen.set(info.instanceId, each);
    if (error !== undefined) findings.set(each.id, [agentFinding(error)]);
    else if (info.version !== version) findings.set(each.id, [otherVersion(info.version, version)]);
  }
  return findings;
}

function otherVersion(theirs: string, ours: string): PlainFinding {
  return {
    ...{ level: 'warning', class: 'CONFIG', check: 'agent', target: '' },
    message: `the agent runs version ${theirs}, the controller ${ours}`,
    hint: 'use the same version on both sides',
  };
}
