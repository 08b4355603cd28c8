import type { PlainKnownRange, PlainPoolKnowledge } from '@sai3bench/barrier-protocol';

/** One agent's knowledge, by pool of its plan. */
export interface AgentKnowledge {
  readonly agentId: string;
  readonly pools: readonly PlainPoolKnowledge[];
}

/** States that one agent has to hand to another. */
export interface StateTransfer {
  readonly identity: string;
  readonly from: string;
  readonly to: string;
  readonly begin: number;
  readonly end: number;
  /** How new the knowledge is; see `PlainKnownRange`. */
  readonly generation: number;
  readonly sequence: number;
}

interface Source extends PlainKnownRange {
  readonly agentId: string;
}

/**
 * Who has to tell whom, so that every agent begins with the newest states of its own objects that anybody has. An agent
 * that knows its objects best itself is told nothing; what nobody knows appears in no transfer.
 */
export function planStateExchange(agents: readonly AgentKnowledge[]): StateTransfer[] {
  const sources = sourcesByIdentity(agents);
  return agents.flatMap(({ agentId, pools }) =>
    pools.flatMap(({ identity, own }) => transfersTo(agentId, identity, own, sources)),
  );
}

function sourcesByIdentity(agents: readonly AgentKnowledge[]): Map<string, Source[]> {
  const sources = new Map<string, Source[]>();
  for (const { agentId, pools } of agents) {
    for (const { identity, known } of pools) {
      const list = sources.get(identity) ?? [];
      list.push(...known.map((range) => ({ ...range, agentId })));
      sources.set(identity, list);
    }
  }
  return sources;
}

function transfersTo(
  to: string,
  identity: string,
  own: PlainPoolKnowledge['own'],
  sources: ReadonlyMap<string, readonly Source[]>,
): StateTransfer[] {
  const relevant = (sources.get(identity) ?? []).filter(
    ({ begin, end }) => begin < own.end && end > own.begin,
  );
  const cuts = new Set([own.begin, own.end]);
  for (const { begin, end } of relevant) {
    cuts.add(Math.max(begin, own.begin));
    cuts.add(Math.min(end, own.end));
  }
  const points = [...cuts].toSorted((a, b) => a - b);
  const transfers: StateTransfer[] = [];
  for (const [index, begin] of points.slice(0, -1).entries()) {
    const end = points[index + 1] ?? begin;
    const best = newest(relevant, begin, to);
    if (best === undefined || best.agentId === to) continue;
    const last = transfers.at(-1);
    const { agentId: from, generation, sequence } = best;
    if (last?.end === begin && last.from === from && compareAge(last, best) === 0) {
      transfers[transfers.length - 1] = { ...last, end };
    } else {
      transfers.push({ identity, from, to, begin, end, generation, sequence });
    }
  }
  return transfers;
}

/** Who knows an object best; of several that know it equally well, the agent itself. */
function newest(sources: readonly Source[], index: number, self: string): Source | undefined {
  let best: Source | undefined;
  for (const source of sources) {
    if (index < source.begin || index >= source.end) continue;
    const order = best === undefined ? 1 : compareAge(source, best);
    if (order > 0 || (order === 0 && source.agentId === self)) best = source;
  }
  return best;
}

type Age = Pick<PlainKnownRange, 'generation' | 'sequence'>;

function compareAge(a: Age, b: Age): number {
  return a.generation - b.generation || a.sequence - b.sequence;
}
