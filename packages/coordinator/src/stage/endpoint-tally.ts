import type { PlainEndpointProgress, PlainStageProgress } from '@sai3bench/barrier-protocol';
import type { AgentPlan } from '@sai3bench/workload-config';

/** What went through an endpoint, from all agents. */
export interface EndpointCounts {
  readonly requests: number;
  readonly errors: number;
  /** Read and written. */
  readonly bytes: number;
  /** Latencies of the successful requests, together. */
  readonly latencySumNs: number;
}

/** How an endpoint is doing in a stage. */
export interface EndpointView {
  readonly address: string;
  /** Since the start of the stage. */
  readonly total: EndpointCounts;
  /** In the last second that each agent has reported. */
  readonly latest: EndpointCounts;
  readonly inFlight: number;
  /** Agents whose circuit breaker keeps it out. */
  readonly agentsOut: number;
  /** How long one has done so in the stage, at most. */
  readonly outMs: number;
}

/** An endpoint that the first agent has taken out, or the last one has brought back. */
export interface EndpointTurn {
  readonly address: string;
  readonly agentId: string;
  /** `blip`: it was out and came back between two reports. */
  readonly turn: 'out' | 'back' | 'blip';
  readonly outMs: number;
}

type Counts = { -readonly [Name in keyof EndpointCounts]: EndpointCounts[Name] };

/** An endpoint as all agents see it together. */
interface Endpoint {
  readonly address: string;
  readonly total: Counts;
  readonly latest: Counts;
  inFlight: number;
  agentsOut: number;
  outMs: number;
}

/** What one agent has last said of an endpoint. */
type Said = Pick<PlainEndpointProgress, 'inFlight' | 'isOut' | 'outMs'>;

interface Agent {
  /** By their positions; none where no store has several. */
  readonly endpoints: readonly Endpoint[];
  readonly said: Map<number, Said>;
  /** Its part of the latest counts, by position. */
  latest: Map<number, EndpointCounts>;
}

const SILENT: Said = { inFlight: 0, isOut: false, outMs: 0 };

/**
 * What goes through the endpoints of a stage, by address, added up over the agents. What a report costs depends on
 * the endpoints that it names alone.
 */
export class EndpointTally {
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #agents: ReadonlyMap<string, Agent>;

  constructor(plans: readonly Pick<AgentPlan, 'agentId' | 'stores'>[]) {
    this.#agents = new Map(
      plans.map(({ agentId, stores }) => {
        const several = stores.some(({ endpoints }) => endpoints.length > 1);
        const addresses = several ? stores.flatMap(({ endpoints }) => endpoints) : [];
        const endpoints = addresses.map((address) => this.#at(address));
        return [agentId, { endpoints, said: new Map(), latest: new Map() }];
      }),
    );
  }

  /** Takes an agent's report; returns which endpoints have gone out or come back by it. */
  add(agentId: string, progress: Pick<PlainStageProgress, 'endpoints'>): EndpointTurn[] {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) return [];
    this.#forgetLatest(agent);
    return progress.endpoints.flatMap((news) => {
      const endpoint = agent.endpoints[news.endpoint];
      if (endpoint === undefined) return [];
      const counts = countsOf(news);
      addTo(endpoint.total, counts, 1);
      addTo(endpoint.latest, counts, 1);
      agent.latest.set(news.endpoint, counts);
      const turn = this.#hear(agent, news.endpoint, news);
      const { address, outMs } = endpoint;
      return turn === undefined ? [] : [{ address, agentId, turn, outMs }];
    });
  }

  /** Notes that an agent reports no more for this stage. */
  agentEnded(agentId: string): void {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) return;
    this.#forgetLatest(agent);
    for (const [position, said] of agent.said) {
      this.#hear(agent, position, { ...SILENT, outMs: said.outMs });
    }
  }

  /** All endpoints, in the order of the plans; none where there is no choice between several. */
  view(): EndpointView[] {
    return [...this.#endpoints.values()].map((endpoint) => ({
      ...endpoint,
      total: { ...endpoint.total },
      latest: { ...endpoint.latest },
    }));
  }

  #at(address: string): Endpoint {
    const known = this.#endpoints.get(address);
    if (known !== undefined) return known;
    const endpoint = {
      ...{ address, total: noCounts(), latest: noCounts() },
      ...{ inFlight: 0, agentsOut: 0, outMs: 0 },
    };
    this.#endpoints.set(address, endpoint);
    return endpoint;
  }

  #forgetLatest(agent: Agent): void {
    for (const [position, counts] of agent.latest) {
      const endpoint = agent.endpoints[position];
      if (endpoint !== undefined) addTo(endpoint.latest, counts, -1);
    }
    agent.latest = new Map();
  }

  /** Takes what an agent says of an endpoint's state. */
  #hear(agent: Agent, position: number, now: Said): EndpointTurn['turn'] | undefined {
    const endpoint = agent.endpoints[position];
    if (endpoint === undefined) return undefined;
    const before = agent.said.get(position) ?? SILENT;
    const outBefore = endpoint.agentsOut;
    endpoint.inFlight += now.inFlight - before.inFlight;
    endpoint.agentsOut += Number(now.isOut) - Number(before.isOut);
    endpoint.outMs = Math.max(endpoint.outMs, now.outMs);
    agent.said.set(position, { inFlight: now.inFlight, isOut: now.isOut, outMs: now.outMs });
    if (outBefore === 0 && endpoint.agentsOut > 0) return 'out';
    if (outBefore > 0 && endpoint.agentsOut === 0) return 'back';
    return endpoint.agentsOut === 0 && now.outMs > before.outMs ? 'blip' : undefined;
  }
}

function noCounts(): Counts {
  return { requests: 0, errors: 0, bytes: 0, latencySumNs: 0 };
}

function countsOf(news: PlainEndpointProgress): EndpointCounts {
  const { bytesRead, bytesWritten, errors, latencySumNs, requests } = news;
  return { requests, errors, bytes: bytesRead + bytesWritten, latencySumNs };
}

function addTo(counts: Counts, more: EndpointCounts, sign: 1 | -1): void {
  counts.requests += sign * more.requests;
  counts.errors += sign * more.errors;
  counts.bytes += sign * more.bytes;
  counts.latencySumNs += sign * more.latencySumNs;
}
