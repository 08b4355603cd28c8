import { EndpointCounters, type EndpointTotals } from '@sai3bench/multi-endpoint';
import { type EndpointTraffic, mergeTraffic } from '@sai3bench/object-store';
import { LatencyHistogram } from '@sai3bench/stats';
import type { EndpointChange, EndpointProgress, EndpointReport } from './host-messages.ts';
import type { FleetWorker, WorkerFleet } from './worker-fleet.ts';

/** What an endpoint watch reads. */
export type WatchedFleet = Pick<WorkerFleet, 'breakers' | 'plan' | 'workers'>;

/** What was last reported of one endpoint besides its counts. */
type Reported = Pick<EndpointProgress, 'inFlight' | 'isOut' | 'outMs'>;

const NOTHING: Reported = { inFlight: 0, isOut: false, outMs: 0 };

/** One store while a stage runs. */
interface WatchedStore {
  readonly store: number;
  readonly addresses: readonly string[];
  /** Position of its first endpoint among those of all stores. */
  readonly firstEndpoint: number;
  /** Counts and times out at the start of the stage. */
  readonly counted: EndpointCounters;
  readonly outNs: readonly number[];
  readonly reported: Map<number, Reported>;
  reportedCounts: EndpointCounters;
}

/** What goes through the endpoints during one stage, read from what the workers share. */
export class EndpointWatch {
  readonly #fleet: Omit<WatchedFleet, 'workers'>;
  /** Also those that are replaced during the stage: what they have counted remains. */
  readonly #workers: readonly FleetWorker[];
  readonly #stores: readonly WatchedStore[];
  readonly #out: Set<string>;

  /**
   * @param startAtNs when the stage starts, which is not over yet
   * @param out endpoints that {@link changes} has told to be out, in all stages of the run
   */
  constructor(fleet: WatchedFleet, startAtNs: number, out: Set<string>) {
    this.#fleet = fleet;
    this.#out = out;
    this.#workers = [...fleet.workers];
    let firstEndpoint = 0;
    this.#stores = fleet.plan.stores.map(({ endpoints }, store) => {
      const counted = this.#count(store);
      const watched = {
        ...{ store, addresses: endpoints, firstEndpoint, counted, reportedCounts: counted },
        outNs: endpoints.map((_, endpoint) => this.#outNs(store, endpoint, startAtNs)),
        reported: new Map<number, Reported>(),
      };
      firstEndpoint += endpoints.length;
      return watched;
    });
  }

  /** Endpoints that were taken out or brought back since the last call, which may have been in another stage. */
  changes(nowNs: number): EndpointChange[] {
    const changes: EndpointChange[] = [];
    for (const watched of this.#stores) {
      const breakers = this.#fleet.breakers[watched.store];
      if (breakers === undefined || (breakers.allIn && this.#out.size === 0)) continue;
      for (const [endpoint, address] of watched.addresses.entries()) {
        const isOut = !breakers.isIn(endpoint);
        const key = `${String(watched.store)} ${String(endpoint)}`;
        if (isOut === this.#out.has(key)) continue;
        if (isOut) this.#out.add(key);
        else this.#out.delete(key);
        const outMs = this.#outMs(watched, endpoint, nowNs);
        changes.push({ address, change: isOut ? 'taken-out' : 'brought-back', outMs });
      }
    }
    return changes;
  }

  /** What is new since the last call, of stores with several endpoints. */
  progress(nowNs: number): EndpointProgress[] {
    return this.#stores
      .filter(({ addresses }) => addresses.length > 1)
      .flatMap((watched) => this.#progressOf(watched, nowNs));
  }

  /** What went through each endpoint since the stage began. */
  report(nowNs: number): EndpointReport[] {
    const traffic = this.#takeTraffic();
    return this.#stores.flatMap((watched) => {
      const { addresses, counted, store } = watched;
      return this.#count(store)
        .since(counted)
        .map((totals, endpoint) => {
          const { connectTimes, ...wire } = mergeTraffic(
            traffic.flatMap((stores) => stores[store]?.[endpoint] ?? []),
          );
          return {
            ...totals,
            address: addresses[endpoint] ?? '',
            outMs: this.#outMs(watched, endpoint, nowNs),
            latency: this.#latency(store, endpoint),
            traffic: { ...wire, connectTimes: connectTimes.toSparse() },
          };
        });
    });
  }

  #progressOf(watched: WatchedStore, nowNs: number): EndpointProgress[] {
    const { firstEndpoint, reported, store } = watched;
    const counts = this.#count(store);
    const totals = counts.since(watched.reportedCounts);
    watched.reportedCounts = counts;
    return totals.flatMap((since, endpoint) => {
      const before = reported.get(endpoint) ?? NOTHING;
      const now: Reported = {
        inFlight: counts.inFlightOf(endpoint),
        isOut: this.#fleet.breakers[store]?.isIn(endpoint) === false,
        outMs: this.#outMs(watched, endpoint, nowNs),
      };
      if (!isNew(since, before, now)) return [];
      reported.set(endpoint, now);
      return [{ endpoint: firstEndpoint + endpoint, ...since, ...now }];
    });
  }

  /** By worker, store and endpoint; what happens between stages, such as making connections, goes to the later one. */
  #takeTraffic(): EndpointTraffic[][][] {
    return this.#workers.map(({ traffic }) => traffic.map((reader) => reader.takeDelta()));
  }

  #outMs({ outNs, store }: WatchedStore, endpoint: number, nowNs: number): number {
    return (this.#outNs(store, endpoint, nowNs) - (outNs[endpoint] ?? 0)) / 1e6;
  }

  #outNs(store: number, endpoint: number, atNs: number): number {
    return this.#fleet.breakers[store]?.outNs(endpoint, atNs) ?? 0;
  }

  /** What all workers have counted since the start of the run. */
  #count(store: number): EndpointCounters {
    const parts = this.#workers.flatMap(({ endpointCounters }) => endpointCounters[store] ?? []);
    return EndpointCounters.sumOf(parts, this.#fleet.plan.stores[store]?.endpoints.length ?? 0);
  }

  /** Of the stage alone: workers forget the stage before when they begin one. */
  #latency(store: number, endpoint: number): Uint8Array {
    const histogram = new LatencyHistogram();
    for (const { endpointCounters, endpointLatencies } of this.#workers) {
      const requests = endpointCounters[store]?.requestsOf(endpoint) ?? 0;
      if (requests > 0) endpointLatencies[store]?.addTo(histogram, endpoint);
    }
    return histogram.toSparse();
  }
}

function isNew({ requests }: EndpointTotals, before: Reported, now: Reported): boolean {
  return (
    requests > 0 ||
    before.inFlight !== now.inFlight ||
    before.isOut !== now.isOut ||
    before.outMs !== now.outMs
  );
}
