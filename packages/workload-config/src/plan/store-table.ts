import { DEFAULT_BREAKER } from '@sai3bench/multi-endpoint';
import {
  asDirectoryUri,
  isAbsoluteUri,
  joinUri,
  parseStoreUri,
  pathBelow,
} from '@sai3bench/store-uri';
import type { AgentEntry, MultiEndpoint, Workload } from '../workload/workload.ts';
import type { StorePlan } from './agent-plan.ts';
import { PlanProblem } from './plan-problem.ts';

/** A place in one of the stores of a plan. */
export interface Location {
  readonly store: number;
  /** Relative to the store's endpoints. */
  readonly path: string;
}

/**
 * The stores of one agent. The first holds everything that lies below its endpoints or its target; every
 * other address gets a store of its own.
 */
export class StoreTable {
  readonly stores: StorePlan[] = [];
  readonly #target: string | undefined;
  readonly #ownPrefix: string;

  /**
   * @param ownPrefix put before every path where agents do not share storage, else empty
   */
  constructor(workload: Workload, entry: AgentEntry | undefined, ownPrefix: string) {
    const main = mainEndpoints(workload, entry);
    this.#target = entry?.targetOverride ?? workload.target;
    this.#ownPrefix = ownPrefix;
    if (main !== undefined) {
      this.stores.push(storePlan(main));
    }
  }

  /**
   * Where an address, or a path relative to the target, lies.
   *
   * @param where the place in the file that the address comes from
   * @throws PlanProblem when a relative path has nothing to be relative to
   */
  locate(address: string, where: readonly PropertyKey[]): Location {
    const found = isAbsoluteUri(address)
      ? this.#locateAbsolute(address)
      : this.#locateRelative(address, where);
    return { store: found.store, path: `${this.#ownPrefix}${found.path}` };
  }

  #locateRelative(path: string, where: readonly PropertyKey[]): Location {
    const below = this.#target === undefined ? undefined : this.#belowMain(this.#target);
    if (below !== undefined) return { store: 0, path: `${below}${path}` };
    if (this.stores.length > 0) return { store: 0, path };
    throw new PlanProblem(
      where,
      `"${path}" is relative, but there is no target: add target, or write a whole address`,
    );
  }

  #locateAbsolute(address: string): Location {
    const below = this.#belowMain(address);
    if (below !== undefined) return { store: 0, path: below };
    const { base, path } = splitAddress(address);
    const existing = this.stores.findIndex(
      ({ endpoints }) => endpoints.length === 1 && endpoints[0] === base,
    );
    if (existing >= 0) return { store: existing, path };
    this.stores.push(storePlan(single(base)));
    return { store: this.stores.length - 1, path };
  }

  /** The path of an address below the first store, if it lies there. */
  #belowMain(address: string): string | undefined {
    for (const endpoint of this.stores[0]?.endpoints ?? []) {
      const path = pathBelow(endpoint, address);
      if (path !== undefined) return path;
    }
    return undefined;
  }
}

/** The agent's own endpoints or target, else those of the file. */
function mainEndpoints(
  workload: Workload,
  entry: AgentEntry | undefined,
): MultiEndpoint | undefined {
  if (entry?.multiEndpoint !== undefined) return entry.multiEndpoint;
  if (entry?.targetOverride !== undefined) return single(entry.targetOverride);
  if (workload.multiEndpoint !== undefined) return workload.multiEndpoint;
  return workload.target === undefined ? undefined : single(workload.target);
}

function single(address: string): MultiEndpoint {
  return {
    namespace: 'shared',
    strategy: 'round_robin',
    endpoints: [address],
    weights: undefined,
    breaker: DEFAULT_BREAKER,
  };
}

function storePlan({ breaker, endpoints, namespace, strategy, weights }: MultiEndpoint): StorePlan {
  return {
    namespace,
    strategy,
    endpoints: [...endpoints],
    ...(weights === undefined ? {} : { weights: [...weights] }),
    breaker: { ...breaker },
  };
}

/** The root of the store that an address belongs to, and the rest of it: for S3, the bucket. */
function splitAddress(address: string): { base: string; path: string } {
  const uri = parseStoreUri(address);
  const star = address.indexOf('*');
  const end = star < 0 ? address.length : star;
  const directory = address.slice(0, address.lastIndexOf('/', end) + 1);
  if (uri.scheme !== 's3') return { base: directory, path: address.slice(directory.length) };
  const bucketEnd = address.indexOf(`/${uri.bucket}`, address.indexOf('://') + 2);
  const base = asDirectoryUri(address.slice(0, bucketEnd + 1 + uri.bucket.length));
  return { base, path: pathBelow(base, address) ?? '' };
}

/** The address of a location, as messages show it. */
export function addressOf(stores: readonly StorePlan[], location: Location): string {
  return joinUri(stores[location.store]?.endpoints[0] ?? '', location.path);
}
