import { type EndpointTraffic, mergeTraffic } from '@sai3bench/object-store';
import { LatencyHistogram } from '@sai3bench/stats';
import type { EndpointChange, EndpointReport } from './host-messages.ts';
import type { FleetWorker, WorkerFleet } from './worker-fleet.ts';

/** What is known of one endpoint at some instant, since the start of the run. */
interface Reading {
  readonly address: string;
  readonly store: number;
  readonly endpoint: number;
  readonly requests: number;
  readonly errors: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly outNs: number;
}

/** What goes through the endpoints during one stage, read from what the workers share. */
export class EndpointWatch {
  readonly #fleet: Pick<WorkerFleet, 'breakers' | 'plan'>;
  /** Also those that are replaced during the stage: what they have counted remains. */
  readonly #workers: readonly FleetWorker[];
  readonly #before: readonly Reading[];
  readonly #out = new Set<string>();

  /** @param startAtNs when the stage starts, which is not over yet */
  constructor(fleet: Pick<WorkerFleet, 'breakers' | 'plan' | 'workers'>, startAtNs: number) {
    this.#fleet = fleet;
    this.#workers = [...fleet.workers];
    this.#before = this.#read(startAtNs);
    this.changes(startAtNs);
  }

  /** Endpoints that were taken out or brought back since the last call. */
  changes(nowNs: number): EndpointChange[] {
    const changes: EndpointChange[] = [];
    for (const [store, breakers] of this.#fleet.breakers.entries()) {
      if (breakers.allIn && this.#out.size === 0) continue;
      const addresses = this.#fleet.plan.stores[store]?.endpoints ?? [];
      for (const [endpoint, address] of addresses.entries()) {
        const isOut = !breakers.isIn(endpoint);
        const key = `${String(store)} ${String(endpoint)}`;
        if (isOut === this.#out.has(key)) continue;
        if (isOut) this.#out.add(key);
        else this.#out.delete(key);
        const outMs = this.#outMs(breakers.outNs(endpoint, nowNs), store, endpoint);
        changes.push({ address, change: isOut ? 'taken-out' : 'brought-back', outMs });
      }
    }
    return changes;
  }

  /** What went through each endpoint since the stage began. */
  report(nowNs: number): EndpointReport[] {
    const traffic = this.#takeTraffic();
    return this.#read(nowNs).map((now, index) => {
      const before = this.#before[index];
      const { connectTimes, ...wire } = mergeTraffic(
        traffic.flatMap((stores) => stores[now.store]?.[now.endpoint] ?? []),
      );
      return {
        address: now.address,
        requests: now.requests - (before?.requests ?? 0),
        errors: now.errors - (before?.errors ?? 0),
        bytesRead: now.bytesRead - (before?.bytesRead ?? 0),
        bytesWritten: now.bytesWritten - (before?.bytesWritten ?? 0),
        outMs: (now.outNs - (before?.outNs ?? 0)) / 1e6,
        latency: this.#latency(now.store, now.endpoint),
        traffic: { ...wire, connectTimes: connectTimes.toSparse() },
      };
    });
  }

  /** By worker, store and endpoint; what happens between stages, such as making connections, goes to the later one. */
  #takeTraffic(): EndpointTraffic[][][] {
    return this.#workers.map(({ traffic }) => traffic.map((reader) => reader.takeDelta()));
  }

  #outMs(outNs: number, store: number, endpoint: number): number {
    const before = this.#before.find(
      (reading) => reading.store === store && reading.endpoint === endpoint,
    );
    return (outNs - (before?.outNs ?? 0)) / 1e6;
  }

  #read(atNs: number): Reading[] {
    const { breakers, plan } = this.#fleet;
    return plan.stores.flatMap(({ endpoints }, store) => {
      const totals = this.#workers.map(
        ({ endpointCounters }) => endpointCounters[store]?.totals() ?? [],
      );
      return endpoints.map((address, endpoint) => {
        const parts = totals.flatMap((each) => each[endpoint] ?? []);
        const sum = (pick: (part: (typeof parts)[number]) => number): number =>
          parts.reduce((total, part) => total + pick(part), 0);
        return {
          address,
          store,
          endpoint,
          requests: sum(({ requests }) => requests),
          errors: sum(({ errors }) => errors),
          bytesRead: sum(({ bytesRead }) => bytesRead),
          bytesWritten: sum(({ bytesWritten }) => bytesWritten),
          outNs: breakers[store]?.outNs(endpoint, atNs) ?? 0,
        };
      });
    });
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
