import { Dataset, DirectoryTree, meanSizeBytes, seedOf } from '@sai3bench/datagen';
import { type AgentPlan, type PoolPlan, runsMix } from '@sai3bench/workload-config/plan';

/** What a plan adds to a file system, as far as it can be known before. */
export interface SpaceNeed {
  readonly bytes: number;
  /** Files and directories. */
  readonly inodes: number;
}

/** What prepare makes of a pool at each endpoint of its store. */
export interface PoolNeed extends SpaceNeed {
  readonly pool: PoolPlan;
  /** Over how many endpoints its objects are spread; 1 where every endpoint shows all of them. */
  readonly parts: number;
}

/**
 * What prepare makes of each pool: on storage that agents share, what all of them make there; on storage of its own, what
 * this agent does.
 */
export function poolNeeds(plan: AgentPlan): PoolNeed[] {
  if (!plan.stages.some(({ kind }) => kind === 'prepare')) return [];
  return plan.pools.map((pool) => {
    const { endpoints = [], namespace } = plan.stores[pool.store] ?? {};
    const parts = namespace === 'separate' ? Math.max(1, endpoints.length) : 1;
    const objects = plan.share.count > 1 ? pool.count : pool.own.end - pool.own.begin;
    const share = objects / parts;
    return {
      pool,
      parts,
      bytes: share * meanSizeBytes(pool.sizes),
      inodes: share === 0 ? 0 : share + directoriesOf(pool),
    };
  });
}

function directoriesOf({ naming }: PoolPlan): number {
  return naming.type === 'tree' ? new DirectoryTree(naming).directoryCount : naming.shards;
}

/**
 * The least that PUTs of an execute stage add: one object for each that is in flight. How many they write until their time is
 * over depends on how fast the storage is.
 *
 * @returns by store
 */
export function putNeeds(plan: AgentPlan): SpaceNeed[] {
  const mixes = plan.stages.some(({ kind }) => runsMix(kind));
  return plan.stores.map((_, store) => {
    const puts = plan.operations.flatMap((operation) =>
      mixes && operation.op === 'put' && operation.store === store ? [operation] : [],
    );
    const inFlight = puts.map(({ concurrency = plan.concurrency, sizes }) => ({
      objects: Math.min(concurrency, plan.concurrency),
      sizeBytes: meanSizeBytes(sizes),
    }));
    return {
      bytes: Math.max(0, ...inFlight.map(({ objects, sizeBytes }) => objects * sizeBytes)),
      inodes: Math.max(0, ...inFlight.map(({ objects }) => objects)),
    };
  });
}

/** Some keys of the objects that an agent makes of a pool, spread over all of them. */
export function sampleKeys(pool: PoolPlan, most: number): string[] {
  const { begin, end } = pool.own;
  const count = Math.min(most, end - begin);
  const { compressFactor, dedupFactor, fill, name, naming, prefix, sizes } = pool;
  const dataset = new Dataset({
    ...{ compressFactor, count: pool.count, dedupFactor, fill, name, naming, prefix, sizes },
    seed: seedOf(BigInt(pool.seed)),
  });
  return Array.from({ length: count }, (_, index) =>
    dataset.keyOf(begin + Math.floor((index * (end - begin)) / count)),
  );
}
