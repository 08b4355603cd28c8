import { allocateObjectStates } from '@sai3bench/metadata-cache';
import { allocateEndpointBoard, allocateEndpointCounters } from '@sai3bench/multi-endpoint';
import { allocateTraffic, type TrafficMemory } from '@sai3bench/object-store';
import { allocateCoarseLatencies, allocateRecorder } from '@sai3bench/stats';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { LeafDirectories } from '../selection/leaf-directories.ts';
import { allocateLiveSet, LiveSet } from './live-set.ts';

/**
 * All memory that the threads of a run share. The host allocates it, workers write it, and the host can read what
 * a worker has written even while that worker is stuck in a system call.
 */
export interface RunMemory {
  /** Words of {@link CONTROL_WORDS}. */
  readonly control: SharedArrayBuffer;
  /** State of each pool's own objects, by pool. */
  readonly poolStates: readonly SharedArrayBuffer[];
  /** What all workers know of the endpoints, by store: requests under way, latencies, circuit breakers. */
  readonly endpointBoards: readonly SharedArrayBuffer[];
  /** Names used so far by each PUT entry and worker: Float64, see {@link putCounterIndex}. */
  readonly putCounters: SharedArrayBuffer;
  /** Of those names, in the same order, up to which one all can be read, where the mix reads them. */
  readonly putsReadable: SharedArrayBuffer;
  /** Of those names, up to which one a cleanup stage has deleted them or was to: nobody may read these any more. */
  readonly putsGone: SharedArrayBuffer;
  /** Of those names, up to which one all have certainly been deleted: the next cleanup stage begins there. */
  readonly putsDeleted: SharedArrayBuffer;
  /** Directories that the mix makes, by the pool whose tree they are like; undefined where it makes none. */
  readonly directories: readonly (DirectoryMemory | undefined)[];
}

/** Which directories of the agent's own are there and which are not: sets; in neither while one is worked on. */
export interface DirectoryMemory {
  readonly present: SharedArrayBuffer;
  readonly absent: SharedArrayBuffer;
}

/** Memory of one worker, which alone writes it. A worker that replaces a stuck one gets memory of its own. */
export interface WorkerMemory {
  readonly recorder: SharedArrayBuffer;
  /** Requests, errors and bytes of each endpoint, by store. */
  readonly endpointCounters: readonly SharedArrayBuffer[];
  /** Latencies of each endpoint in the stage that runs, or was the last to run, by store. */
  readonly endpointLatencies: readonly SharedArrayBuffer[];
  /** What goes over the wire to and from each endpoint, by store. */
  readonly traffic: readonly TrafficMemory[];
}

export const CONTROL_WORDS = {
  /** 1 when nothing new may start. */
  stop: 0,
  /** Claim cursor of the stage that runs. */
  claims: 1,
} as const;

/** Workers of a run that can ever have existed, replacements of stuck ones included. */
export const MAX_WORKERS = 1024;

export function allocateRunMemory(plan: AgentPlan): RunMemory {
  return {
    control: new SharedArrayBuffer(
      Object.keys(CONTROL_WORDS).length * Int32Array.BYTES_PER_ELEMENT,
    ),
    poolStates: plan.pools.map(({ own }) => allocateObjectStates(own.end - own.begin)),
    endpointBoards: plan.stores.map(({ endpoints }) => allocateEndpointBoard(endpoints.length)),
    putCounters: allocateNameCounts(plan),
    putsReadable: allocateNameCounts(plan),
    putsGone: allocateNameCounts(plan),
    putsDeleted: allocateNameCounts(plan),
    directories: allocateDirectories(plan),
  };
}

export function allocateWorkerMemory(plan: AgentPlan): WorkerMemory {
  return {
    recorder: allocateRecorder(),
    endpointCounters: plan.stores.map(({ endpoints }) =>
      allocateEndpointCounters(endpoints.length),
    ),
    endpointLatencies: plan.stores.map(({ endpoints }) =>
      allocateCoarseLatencies(endpoints.length),
    ),
    traffic: plan.stores.map(({ endpoints }) => allocateTraffic(endpoints.length)),
  };
}

/** Notes that a cleanup stage has ended, after which nothing may be read of what the workload has put so far. */
export function forgetPuts({ putCounters, putsGone }: RunMemory): void {
  new Float64Array(putsGone).set(new Float64Array(putCounters));
}

/**
 * Notes that a cleanup stage has deleted all that the workload has put so far, and has left nothing.
 *
 * @param workers those that are not stuck: the last PUT of one that is may still come to its end
 */
export function markPutsDeleted(
  { operations }: AgentPlan,
  { putCounters, putsDeleted }: RunMemory,
  workers: readonly number[],
): void {
  const [used, deleted] = [new Float64Array(putCounters), new Float64Array(putsDeleted)];
  for (const worker of workers) {
    for (const entry of operations.keys()) {
      const cell = putCounterIndex(operations.length, entry, worker);
      deleted[cell] = used[cell] ?? 0;
    }
  }
}

/** Notes that what directories the mix has made are gone. */
export function forgetDirectories(plan: AgentPlan, { directories }: RunMemory): void {
  for (const [pool, memory] of directories.entries()) {
    const { count } = LeafDirectories.of(plan, pool) ?? { count: 0 };
    if (memory === undefined) continue;
    new LiveSet(memory.present, count).assign(count, () => false);
    new LiveSet(memory.absent, count).assign(count, () => true);
  }
}

function allocateDirectories(plan: AgentPlan): (DirectoryMemory | undefined)[] {
  const used = new Set(
    plan.operations.flatMap((operation) => ('trees' in operation ? operation.trees : [])),
  );
  return plan.pools.map((_, pool) => {
    const leaves = used.has(pool) ? LeafDirectories.of(plan, pool) : undefined;
    if (leaves === undefined) return undefined;
    const { count } = leaves;
    const absent = allocateLiveSet(count);
    new LiveSet(absent, count).assign(count, () => true);
    return { present: allocateLiveSet(count), absent };
  });
}

function allocateNameCounts({ operations }: AgentPlan): SharedArrayBuffer {
  const cells = putCounterIndex(operations.length, 0, MAX_WORKERS);
  return new SharedArrayBuffer(cells * Float64Array.BYTES_PER_ELEMENT);
}

/** Numbers of 8 bytes in two cache lines, which processors fetch in pairs. */
const APART = 16;

/**
 * Where a worker counts the names that it has used for an entry of the mix. No two workers share a cache line: a PUT
 * to a fast store takes less time than a core needs to get back a line that another has written.
 */
export function putCounterIndex(entries: number, entry: number, worker: number): number {
  return worker * Math.ceil(entries / APART) * APART + entry;
}
