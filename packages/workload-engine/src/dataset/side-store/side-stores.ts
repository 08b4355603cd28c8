import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { describeRequests, type EndpointRequests } from '../describe-requests.ts';
import { SideStore } from './side-store.ts';

/** Connections for what is not measured. */
const SIDE_CONNECTIONS = 64;

/** The stores of a plan for what is not measured, each opened when it is first needed. */
export class SideStores {
  readonly #plan: AgentPlan;
  readonly #boards: readonly SharedArrayBuffer[];
  readonly #shared = new Map<number, Promise<SideStore>>();
  /** All that were opened, by store. */
  readonly #opened = new Map<number, Promise<SideStore>[]>();

  /** @param boards what the agent's workers know of the endpoints of each store */
  constructor(plan: AgentPlan, boards: readonly SharedArrayBuffer[]) {
    this.#plan = plan;
    this.#boards = boards;
  }

  /** The store that everybody uses. */
  readonly of = (store: number): Promise<SideStore> => {
    const shared = this.#shared.get(store) ?? this.openAnother(store);
    this.#shared.set(store, shared);
    return shared;
  };

  /** One for somebody alone, who may cancel what is under way in it. */
  openAnother(store: number): Promise<SideStore> {
    const opening = this.#open(store);
    const opened = this.#opened.get(store) ?? [];
    opened.push(opening);
    this.#opened.set(store, opened);
    return opening;
  }

  /**
   * Stops what is under way and frees the connections.
   *
   * @returns lines about what was asked of the stores
   */
  async close(): Promise<string[]> {
    const told: string[] = [];
    for (const opening of this.#opened.values()) {
      const stores = await Promise.all(opening);
      const line = describeRequests(together(stores.map(({ requests }) => requests)));
      if (line !== undefined) told.push(line);
      for (const store of stores) store.close();
    }
    return told;
  }

  async #open(store: number): Promise<SideStore> {
    const { agentIndex, concurrency, s3, stores } = this.#plan;
    const storePlan = stores[store];
    if (storePlan === undefined) throw new RangeError(`the plan has no store ${String(store)}`);
    return SideStore.open(storePlan, {
      s3,
      maxInFlight: Math.min(concurrency, SIDE_CONNECTIONS),
      board: this.#boards[store] ?? new SharedArrayBuffer(0),
      startAt: agentIndex,
    });
  }
}

/** What was asked of the same endpoints by way of several stores. */
function together([first = [], ...others]: (readonly EndpointRequests[])[]): EndpointRequests[] {
  return first.map(({ address, ...counts }, endpoint) => {
    let { failures, requests } = counts;
    for (const other of others) {
      failures += other[endpoint]?.failures ?? 0;
      requests += other[endpoint]?.requests ?? 0;
    }
    return { address, failures, requests };
  });
}
