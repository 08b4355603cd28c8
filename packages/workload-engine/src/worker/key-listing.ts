import { BenchError } from '@sai3bench/errors';
import { type KeySource, matcherOf } from '@sai3bench/workload-config/plan';
import { isCheckpoint } from '../dataset/checkpoint/checkpoint-store.ts';
import { hostMemoryBytes } from '../memory/host-memory.ts';
import type { KeyListMemory } from '../memory/key-list.ts';
import { MemoryBudget } from '../memory/memory-budget.ts';
import { SortedKeys } from '../memory/sorted-keys.ts';
import { putMatcher } from '../selection/put-names.ts';
import type { WorkerContext } from './worker-context.ts';

/** Objects are counted after so many, where that is longer ago than {@link PROGRESS_NS}. */
const PROGRESS_OBJECTS = 256;
const PROGRESS_NS = 500_000_000;
/** The part of this host's memory that keys may take; a {@link MemoryBudget} says so. */
const MEMORY_SHARE = 1 / 4;

type ListingSource = Extract<KeySource, { type: 'listing' }>;

/** What entries of the mix share that list the same. */
interface Wanted {
  readonly source: ListingSource;
  /** Entries that put what is read; empty unless the workload itself does. */
  readonly puts: readonly number[];
}

/** What of a worker is needed to list keys. */
export type ListingContext = Pick<WorkerContext, 'nowNs' | 'pools' | 'stores'> & {
  readonly setup: Pick<WorkerContext['setup'], 'plan'>;
};

/** Lists the keys of those entries of the mix whose keys cannot be computed. */
export class KeyListing {
  readonly #context: ListingContext;
  readonly #onProgress: (seen: number) => void;
  readonly #budget = new MemoryBudget(hostMemoryBytes() * MEMORY_SHARE);
  #seen = 0;
  #toldNs: number;

  /** @param onProgress is told now and then how many objects were seen in all */
  constructor(context: ListingContext, onProgress: (seen: number) => void) {
    this.#context = context;
    this.#onProgress = onProgress;
    this.#toldNs = context.nowNs();
  }

  /**
   * The keys of some entries of the mix, in the same order on every agent, which divide them.
   *
   * @throws BenchError `NO_MATCHING_OBJECTS`, `TOO_MANY_KEYS`, or why listing failed
   */
  async list(entries: readonly number[]): Promise<(readonly [number, KeyListMemory])[]> {
    const listed: (readonly [number, KeyListMemory])[] = [];
    const known = new Map<string, KeyListMemory>();
    for (const entry of entries) {
      const operation = this.#context.setup.plan.operations[entry];
      if (operation === undefined || !('source' in operation)) continue;
      const { puts, source } = operation;
      if (source.type !== 'listing') continue;
      const name = JSON.stringify([source.store, source.prefix, source.pattern, puts]);
      const keys = known.get(name) ?? (await this.#listOne({ puts, source }));
      known.set(name, keys);
      listed.push([entry, keys]);
    }
    return listed;
  }

  async #listOne(wanted: Wanted): Promise<KeyListMemory> {
    const { pattern, prefix, store } = wanted.source;
    const group = this.#context.stores[store];
    const literal = pattern.slice(0, Math.max(0, pattern.indexOf('*')));
    const accepts = this.#filterFor(wanted);
    const mayBeEmpty = wanted.puts.length > 0;
    const keys = new SortedKeys(this.#budget);
    try {
      await group?.listKeys(prefix + literal, (key) => {
        this.#count();
        if (accepts(key)) keys.add(key);
      });
    } catch (error) {
      if (!mayBeEmpty || !isMissing(BenchError.from(error))) throw error;
    }
    const listed = keys.finish();
    if (listed.count === 0 && !mayBeEmpty) {
      throw new BenchError(`no object matches ${group?.addressOf(0) ?? ''}${prefix}${pattern}`, {
        code: 'NO_MATCHING_OBJECTS',
        class: 'not-found',
        hint: 'check the path of the operation, or add prepare.ensure_objects to make objects',
      });
    }
    return listed;
  }

  #filterFor({ puts, source }: Wanted): (key: string) => boolean {
    const { plan } = this.#context.setup;
    const matches = matcherOf(source.pattern);
    // Those of this agent are picked by their numbers; all agents leave out the same, since they divide the rest.
    const isPut = putMatcher(plan.runId, puts);
    // What is listed would be read after the mix has deleted it.
    const deletable = this.#context.pools.filter(
      (pool) => pool.plan.store === source.store && pool.plan.name === 'deletable',
    );
    return (key) =>
      matches(key.slice(source.prefix.length)) &&
      !isCheckpoint(key) &&
      !isPut(key) &&
      deletable.every(({ dataset }) => dataset.indexOf(key) === undefined);
  }

  #count(): void {
    if (++this.#seen % PROGRESS_OBJECTS !== 0) return;
    const nowNs = this.#context.nowNs();
    if (nowNs - this.#toldNs < PROGRESS_NS) return;
    this.#toldNs = nowNs;
    this.#onProgress(this.#seen);
  }
}

/** Whether a failure says that there is nothing to list. */
function isMissing(error: BenchError): boolean {
  return error.class === 'not-found' || error.code === 'FILE_ROOT_MISSING';
}
