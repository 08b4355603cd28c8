import type { PlainFinding } from '@sai3bench/barrier-protocol';
import type { RosterEntry } from '@sai3bench/coordinator';

/** One thing that was found, by whom, and where. */
export interface FindingGroup {
  readonly finding: PlainFinding;
  /** In the order in which they were asked. */
  readonly agents: readonly string[];
  /** Addresses at which the same agents found the same. */
  readonly targets: readonly string[];
}

/** Everything that the same agents found. */
export interface FindingSection {
  readonly agents: readonly string[];
  /** The worst first. */
  readonly groups: readonly FindingGroup[];
}

/** By the ids of the agents: what may stand in a finding about an agent, and makes it no other than those of others. */
export type AgentAddresses = ReadonlyMap<string, string>;

export function addressesOfAgents(agents: readonly RosterEntry[]): AgentAddresses {
  return new Map(agents.map(({ address, id }) => [id, address]));
}

/** What is worse comes first. */
const RANKS: Readonly<Record<PlainFinding['level'], number>> = {
  error: 0,
  warning: 1,
  info: 2,
  success: 3,
};
/** Of a check that says something else of so many agents or targets, only their number is of interest. */
const MAX_DIFFERENT = 3;

/**
 * Puts together what is the same: findings that agents share, and targets of which the same is said. Findings without
 * consequences that differ from agent to agent become one that says how many they are.
 *
 * @param findings by the ids of the agents
 */
export function groupFindings(
  findings: ReadonlyMap<string, readonly PlainFinding[]>,
  addresses: AgentAddresses,
): FindingSection[] {
  const groups = summarize(joinTargets(joinAgents(findings, addresses)));
  const sections = Map.groupBy(groups, ({ agents }) => agents.join());
  return [...sections.values()]
    .map((own) => ({ agents: own[0]?.agents ?? [], groups: own.toSorted(byRank) }))
    .toSorted((a, b) => worstOf(a) - worstOf(b));
}

function joinAgents(
  findings: ReadonlyMap<string, readonly PlainFinding[]>,
  addresses: AgentAddresses,
): { readonly finding: PlainFinding; readonly agents: readonly string[] }[] {
  const groups = new Map<string, { finding: PlainFinding; agents: Set<string> }>();
  for (const [agentId, own] of findings) {
    const names = namesOf(agentId, addresses.get(agentId));
    for (const finding of own) {
      const key = JSON.stringify([sameWords(finding, names), finding.target]);
      const group = groups.get(key) ?? { finding, agents: new Set() };
      group.agents.add(agentId);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ agents, finding }) => ({ finding, agents: [...agents] }));
}

function joinTargets(
  groups: readonly { readonly finding: PlainFinding; readonly agents: readonly string[] }[],
): FindingGroup[] {
  const joined = Map.groupBy(groups, ({ agents, finding }) =>
    JSON.stringify([wordsOf(finding), agents]),
  );
  return [...joined.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    return [{ ...first, targets: same.map(({ finding }) => finding.target) }];
  });
}

/** Numbers that servers give their answers. */
const REQUEST_ID = /, request [^\s,)]+/g;

/** Finds what an agent is called: its id, and its address. */
function namesOf(...names: readonly (string | undefined)[]): RegExp {
  const exact = names.flatMap((name) => name?.replaceAll(/[.[\]]/g, '\\$&') ?? []);
  return new RegExp(`(?<![\\w-])(?:${exact.join('|')})(?![\\w-])`, 'g');
}

/** What is different from agent to agent in what is the same: its own names, and the numbers of requests. */
function sameWords(finding: PlainFinding, names: RegExp): string[] {
  return wordsOf(finding).map((text) => text.replaceAll(REQUEST_ID, '').replaceAll(names, '*'));
}

/** Everything of a finding but where it was made. */
function wordsOf({ check, class: kind, hint, level, message }: PlainFinding): string[] {
  return [level, kind, check, message, hint ?? ''];
}

function summarize(groups: readonly FindingGroup[]): FindingGroup[] {
  const harmless = groups.filter(({ finding }) => RANKS[finding.level] >= RANKS.info);
  const many = new Set(
    [...Map.groupBy(harmless, ({ finding }) => finding.check)].flatMap(([check, own]) =>
      own.length > MAX_DIFFERENT ? [check] : [],
    ),
  );
  const isOfMany = (group: FindingGroup): boolean =>
    harmless.includes(group) && many.has(group.finding.check);
  return [
    ...groups.filter((group) => !isOfMany(group)),
    ...[...many].map((check) =>
      summaryOf(harmless.filter(({ finding }) => finding.check === check)),
    ),
  ];
}

function summaryOf(groups: readonly FindingGroup[]): FindingGroup {
  const [first] = groups;
  const { check = '', class: kind = '' } = first?.finding ?? {};
  const message = `${String(groups.length)} different answers, which are in the file of findings`;
  return {
    finding: { level: 'info', class: kind, check, target: '', message },
    agents: [...new Set(groups.flatMap(({ agents }) => agents))],
    targets: [''],
  };
}

function byRank(a: FindingGroup, b: FindingGroup): number {
  return RANKS[a.finding.level] - RANKS[b.finding.level];
}

function worstOf({ groups }: FindingSection): number {
  return Math.min(...groups.map(({ finding }) => RANKS[finding.level]));
}
