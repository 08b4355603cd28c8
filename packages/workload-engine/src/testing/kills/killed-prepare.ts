import { cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BenchError } from '@sai3bench/errors';
import { allocateObjectStates, MetadataCache, ObjectStates } from '@sai3bench/metadata-cache';
import { type AgentPlan, parseWorkload, planAgent } from '@sai3bench/workload-config';
import { poolIdentity } from '../../dataset/pools/pool-identity.ts';
import { PoolObjects } from '../../stage/pool-objects.ts';
import type { LastingStorage } from './lasting-storage.ts';
import { Victim } from './victim.ts';

/** What the names of a cache's file and of its log begin with. */
const CACHE_FILE = 'cache.db';

/** What is prepared, where, and how often it is interrupted. */
export interface KilledPrepareOptions {
  readonly storage: LastingStorage;
  /** A directory for the cache and its copies. */
  readonly directory: string;
  readonly objects: number;
}

/** What was found after a kill. */
export interface Kill {
  /** How long objects were being made before it. */
  readonly lifeMs: number;
  /** Whether an earlier process had left the cache as it was when it was killed. */
  readonly isResumed: boolean;
  /** Whether the process has said so. */
  readonly saysSo: boolean;
  /** Objects that the cache says to be created. */
  readonly created: number;
  /** Of these, those that were not when the process began. */
  readonly progress: number;
  /** Objects that the cache says to be created, and that are not there as they were made. */
  readonly falselyCreated: number;
  /** Objects that this process has made, and that are made again all the same. */
  readonly again: number;
  /** How long before the kill the first of them was made. */
  readonly againMs: number;
  /** How long before the cache was last written the first of them was made: no more than writing takes. */
  readonly overlookedMs: number;
}

/** What is there when nobody has interfered any more. */
export interface Finish {
  readonly created: number;
  readonly falselyCreated: number;
}

/**
 * A prepare stage that is killed at chosen moments and gone on with. What its cache says is read from copies, so that
 * each process finds it as the one before it has left it.
 */
export class KilledPrepare {
  readonly #options: KilledPrepareOptions;
  readonly #cacheParent: string;
  /** Objects before this one were seen to be created, and to be there. */
  #settled = 0;
  #created = 0;
  #isNew = true;

  constructor(options: KilledPrepareOptions) {
    this.#options = options;
    this.#cacheParent = join(options.directory, 'cache');
  }

  /**
   * Goes on with the prepare, and kills it so long after it has begun to make objects. One that ends before begins anew.
   *
   * @returns undefined where all of it takes less time than that
   */
  async kill(lifeMs: number): Promise<Kill | undefined> {
    const wasNew = this.#isNew;
    const kill = await this.#live(lifeMs);
    if (kill !== undefined) return kill;
    await this.#options.storage.renew();
    rmSync(this.#cacheParent, { recursive: true, force: true });
    [this.#isNew, this.#settled, this.#created] = [true, 0, 0];
    return wasNew ? undefined : this.kill(lifeMs);
  }

  /** Goes on with the prepare to its end. */
  async finish(): Promise<Finish> {
    const victim = new Victim(this.#plan());
    await victim.load(this.#isNew);
    await victim.run();
    await victim.close();
    const { states, falselyCreated } = await this.#inspect(Infinity);
    return { created: states.countOf('created'), falselyCreated };
  }

  async #live(lifeMs: number): Promise<Kill | undefined> {
    const victim = new Victim(this.#plan());
    // What is looked for in a new storage is not there; to look for it would only take time.
    await victim.load(this.#isNew);
    const firstPut = this.#options.storage.nextPut();
    const beganMs = Date.now();
    const end = victim.run().then(() => 'ended' as const);
    const made = await Promise.race([firstPut.then(() => pause(lifeMs, 'working')), end]);
    const killedMs = Date.now();
    await victim.kill();
    if (made === 'ended') return undefined;
    const { again, falselyCreated, oldestAgainMs, states, writtenMs } =
      await this.#inspect(beganMs);
    const created = states.countOf('created');
    const kill: Kill = {
      ...{ lifeMs, created, falselyCreated, again },
      isResumed: !this.#isNew,
      saysSo: victim.notices.some((text) => text.startsWith('The cache was left by process')),
      progress: created - this.#created,
      againMs: again === 0 ? 0 : killedMs - oldestAgainMs,
      overlookedMs: again === 0 ? 0 : writtenMs - oldestAgainMs,
    };
    [this.#isNew, this.#created] = [false, created];
    return kill;
  }

  /** Compares what the cache says with what is there; objects made before `sinceMs` are no work of this process. */
  async #inspect(sinceMs: number): Promise<{
    readonly states: ObjectStates;
    readonly falselyCreated: number;
    readonly again: number;
    readonly oldestAgainMs: number;
    readonly writtenMs: number;
  }> {
    const plan = this.#plan();
    const { states, writtenMs } = await this.#copyOfCache(plan);
    const { dataset } = poolOf(plan);
    const after = this.#settled === 0 ? '' : dataset.keyOf(this.#settled - 1);
    const stored = await this.#options.storage.objectsAfter(after);
    let falselyCreated = 0;
    let again = 0;
    let oldestAgainMs = Infinity;
    for (let index = this.#settled; index < states.count; index++) {
      const object = stored.get(dataset.keyOf(index));
      const isThere = object?.sizeBytes === dataset.sizeOf(index);
      const isCreated = states.get(index) === 'created';
      if (isCreated && !isThere) falselyCreated++;
      if (isCreated || !isThere || object.modifiedMs < sinceMs) continue;
      again++;
      oldestAgainMs = Math.min(oldestAgainMs, object.modifiedMs);
    }
    if (falselyCreated === 0) this.#settled = states.nextNotIn('created', 0);
    return { states, falselyCreated, again, oldestAgainMs, writtenMs };
  }

  /** Reads a copy of the cache, and when the cache was last written. */
  async #copyOfCache(plan: AgentPlan): Promise<{ states: ObjectStates; writtenMs: number }> {
    const [name] = readdirSync(this.#cacheParent);
    if (name === undefined)
      throw new BenchError('no cache', { code: 'NO_CACHE', class: 'internal' });
    const original = join(this.#cacheParent, name);
    const files = readdirSync(original).filter((file) => file.startsWith(CACHE_FILE));
    const writtenMs = Math.max(...files.map((file) => statSync(join(original, file)).mtimeMs));
    const directory = join(this.#options.directory, 'copy');
    cpSync(original, directory, { recursive: true });
    const { identity, states } = poolOf(plan);
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const cache = await MetadataCache.open({ directory, bootId, now: () => new Date() });
    await cache.attach({ identity, begin: 0, generation: 1, states });
    await cache.close();
    rmSync(directory, { recursive: true });
    return { states, writtenMs };
  }

  #plan(): AgentPlan {
    const { objects, storage } = this.#options;
    const yaml = `
target: ${storage.target}
concurrency: 2
prepare: {ensure_objects: [{count: ${String(objects)}, size_spec: {type: uniform, min: 1, max: 2000}}]}
distributed: {kv_cache_dir: ${this.#cacheParent}, stages: [{name: fill, order: 1, type: prepare}]}
`;
    return planAgent(parseWorkload(yaml, 'killed.yaml'), {
      ...{ agentId: 'agent-1', agentIndex: 0, agentCount: 1, entry: undefined },
      ...{ runId: 'killed', dataSeed: '42' },
    });
  }
}

function poolOf(plan: AgentPlan): {
  identity: string;
  dataset: PoolObjects['dataset'];
  states: ObjectStates;
} {
  const [pool] = plan.pools;
  if (pool === undefined) throw new BenchError('no pool', { code: 'NO_POOL', class: 'internal' });
  const memory = allocateObjectStates(pool.count);
  const { dataset } = new PoolObjects(pool, memory);
  return {
    identity: poolIdentity(pool),
    dataset,
    states: new ObjectStates(memory, pool.count),
  };
}

/** Random moments that are spread evenly from 0 to the longest, in no order: a few are as good as many. */
export function spreadLives(kills: number, longestMs: number): number[] {
  return Array.from({ length: kills }, (_, kill) => ((kill + Math.random()) / kills) * longestMs)
    .map((lifeMs) => ({ lifeMs, order: Math.random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ lifeMs }) => lifeMs);
}
