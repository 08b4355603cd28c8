import { type Content, contentOf, deriveSeed, type Seed, sizeAt } from '@sai3bench/datagen';
import type { AgentPlan, OperationPlan } from '@sai3bench/workload-config/plan';
import { MAX_WORKERS, putCounterIndex } from '../memory/run-memory.ts';
import { PutKeys } from '../stage/put-keys.ts';
import type { Slot } from '../stage/slot.ts';
import { putNamePrefix } from './put-names.ts';
import type { Random } from './random.ts';

/** Counts are looked at again after so many picks; sooner while nothing is there. */
const PICKS_PER_LOOK = 256;
const PICKS_PER_LOOK_AT_NOTHING = 16;

/** Counts by entry and thread; see memory/run-memory.ts. */
export interface PutCounts {
  /** Names that can be read are those below. */
  readonly readable: Float64Array;
  /** Names below have been deleted by a cleanup. */
  readonly gone: Float64Array;
}

/** Names of one entry and thread. */
interface Names {
  readonly cell: number;
  readonly operation: Extract<OperationPlan, { op: 'put' }>;
  readonly keys: PutKeys;
  readonly seed: Seed;
  readonly content: Content;
  begin: number;
  /** How many names can be read of this and all before it in the list. */
  upTo: number;
}

/** The seed of the sizes and contents that a thread puts for an entry. */
export function putSeed(runSeed: Seed, entry: number, worker: number): Seed {
  return deriveSeed(runSeed, `put ${String(entry)} ${String(worker)}`);
}

/** What a thread puts into the objects of an entry, whose seed is {@link putSeed}. */
export function putContent(operation: Names['operation'], seed: Seed): Content {
  return contentOf(seed, operation, seed);
}

/** Objects that the threads of this agent have put and that others may read: counts, not a list. */
export class ReadablePuts {
  readonly #plan: AgentPlan;
  readonly #entries: readonly number[];
  readonly #counts: PutCounts;
  readonly #runSeed: Seed;
  readonly #names: Names[] = [];
  readonly #known = new Set<number>();
  #untilLook = 0;
  #total = 0;

  /** @param entries of the mix whose objects are wanted */
  constructor(plan: AgentPlan, entries: readonly number[], counts: PutCounts, runSeed: Seed) {
    this.#plan = plan;
    this.#entries = entries;
    this.#counts = counts;
    this.#runSeed = runSeed;
  }

  /** How many objects there are to pick from, as of a few picks ago. */
  count(): number {
    if (--this.#untilLook < 0) {
      this.#look();
      this.#untilLook = this.#total === 0 ? PICKS_PER_LOOK_AT_NOTHING : PICKS_PER_LOOK;
    }
    return this.#total;
  }

  /**
   * Puts one of them, each as likely as any other, into a slot. Only when {@link count} is not 0.
   *
   * @returns what was put into it, as the number in the slot says
   */
  pickInto(slot: Slot, random: Random): Content | undefined {
    const position = random.below(this.#total);
    let low = 0;
    for (let high = this.#names.length - 1; low < high;) {
      const middle = (low + high) >>> 1;
      if (position < (this.#names[middle]?.upTo ?? 0)) high = middle;
      else low = middle + 1;
    }
    const names = this.#names[low];
    if (names === undefined) return undefined;
    const number = names.begin + position - (this.#names[low - 1]?.upTo ?? 0);
    slot.store = names.operation.store;
    slot.object = number;
    slot.request.key = names.keys.keyOf(number);
    slot.expectedBytes = sizeAt(names.operation.sizes, names.seed, number);
    return names.content;
  }

  #look(): void {
    for (const entry of this.#entries) {
      for (let worker = 0; worker < MAX_WORKERS; worker++) {
        const cell = putCounterIndex(this.#plan.operations.length, entry, worker);
        if ((this.#counts.readable[cell] ?? 0) > 0 && !this.#known.has(cell)) {
          this.#add(entry, worker, cell);
        }
      }
    }
    this.#total = 0;
    for (const names of this.#names) {
      names.begin = this.#counts.gone[names.cell] ?? 0;
      const end = this.#counts.readable[names.cell] ?? 0;
      this.#total += Math.max(0, end - names.begin);
      names.upTo = this.#total;
    }
  }

  #add(entry: number, worker: number, cell: number): void {
    const operation = this.#plan.operations[entry];
    if (operation?.op !== 'put') return;
    const { agentIndex, runId } = this.#plan;
    const seed = putSeed(this.#runSeed, entry, worker);
    this.#known.add(cell);
    this.#names.push({
      cell,
      operation,
      keys: new PutKeys(operation, putNamePrefix(runId, agentIndex, entry, worker)),
      seed,
      content: putContent(operation, seed),
      begin: 0,
      upTo: 0,
    });
  }
}
