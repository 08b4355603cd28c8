import { partition } from '@sai3bench/datagen';
import type { Operation } from '@sai3bench/stats';
import type { KeySource, OperationPlan } from '@sai3bench/workload-config/plan';
import { KeyList, type KeyListMemory } from '../memory/key-list.ts';
import type { StageMemory } from '../memory/stage-memory.ts';
import { ObjectPicker, type StagePools } from '../selection/object-picker.ts';
import { ObjectSpan } from '../selection/object-span.ts';
import { PathSelection } from '../selection/path-selection.ts';
import { RangePicker } from '../selection/range-picker.ts';
import { ReadablePuts } from '../selection/readable-puts.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { beginOperation, type FillSlot } from './begin-operation.ts';
import { entryPositions } from './entry-positions.ts';
import type { Slot } from './slot.ts';

/** An entry of the mix that works on objects which are there. */
export type ReadPlan = Extract<OperationPlan, { op: 'get' | 'stat' | 'delete' }>;

/** Keys that were listed for entries whose keys cannot be computed, by entry. */
export type ListedKeys = ReadonlyMap<number, KeyListMemory>;

/** Reads objects for the mix: what was there before it, and what its PUTs have written. */
export class ReadTasks {
  readonly #context: WorkerContext;
  readonly #memory: StageMemory;
  readonly #listed: ListedKeys;
  readonly #pools: StagePools;

  constructor(context: WorkerContext, memory: StageMemory, listed: ListedKeys, pools: StagePools) {
    this.#context = context;
    this.#memory = memory;
    this.#listed = listed;
    this.#pools = pools;
  }

  /** Fills slots with GETs of an entry, of the whole of objects or of ranges. */
  gets(operation: ReadPlan, entry: number): FillSlot {
    const fill = this.#fillRead('GET', operation, entry);
    if (operation.range === undefined) return fill;
    const picker = new RangePicker(operation.range, this.#context.random);
    return (slot) => {
      const begun = fill(slot);
      if (begun === 'begun') picker.narrow(slot, this.#context.pools[slot.pool]?.dataset);
      return begun;
    };
  }

  /** Fills slots with STATs of an entry. */
  stats(operation: ReadPlan, entry: number): FillSlot {
    return this.#fillRead('STAT', operation, entry);
  }

  #fillRead(name: Operation & ('GET' | 'STAT'), operation: ReadPlan, entry: number): FillSlot {
    const { fill, count } = this.#fillFrom(name, operation, entry);
    if (operation.puts.length === 0) return fill;
    const { random, setup } = this.#context;
    const puts = new ReadablePuts(
      setup.plan,
      operation.puts,
      {
        readable: new Float64Array(setup.memory.putsReadable),
        gone: new Float64Array(setup.memory.putsGone),
      },
      this.#context.runSeed(),
    );
    let others = count;
    return (slot) => {
      const putCount = puts.count();
      const total = putCount + others;
      if (total > 0 && random.below(total) >= putCount) {
        const begun = fill(slot);
        if (begun !== 'exhausted') return begun;
        others = 0;
      }
      if (putCount === 0) return 'later';
      beginOperation(slot, name, 0);
      const content = puts.pickInto(slot, random);
      slot.request.sizeBytes = slot.expectedBytes;
      if (name === 'GET' && content !== undefined) {
        slot.check.expect(slot.request, content, {
          index: slot.object,
          sizeBytes: slot.expectedBytes,
        });
      }
      return 'begun';
    };
  }

  /** Fills slots with what was there before the mix, and says how much that is. */
  #fillFrom(
    name: 'GET' | 'STAT',
    { access, source }: ReadPlan,
    entry: number,
  ): { fill: FillSlot; count: number } {
    const { pathSelection } = this.#context.setup.plan;
    switch (source.type) {
      case 'pools': {
        const sources = entryPositions(this.#context, this.#memory, entry);
        const picker = new ObjectPicker(this.#pools, source.pools, access, pathSelection, sources);
        const fill: FillSlot = (slot) => {
          beginOperation(slot, name, 0);
          const begun = picker.pickInto(slot);
          slot.request.sizeBytes = slot.expectedBytes;
          if (name === 'GET' && begun === 'begun') this.#expectContent(slot);
          return begun;
        };
        return { fill, count: picker.count };
      }
      case 'key': {
        const fill: FillSlot = (slot) => {
          beginOperation(slot, name, source.store);
          slot.request.key = source.key;
          return 'begun';
        };
        return { fill, count: 1 };
      }
      case 'listing':
        return this.#fillFromListing(name, source, access, entry);
    }
  }

  #fillFromListing(
    name: 'GET' | 'STAT',
    source: Extract<KeySource, { type: 'listing' }>,
    access: ReadPlan['access'],
    entry: number,
  ): { fill: FillSlot; count: number } {
    const listed = this.#listed.get(entry);
    const keys = listed === undefined ? undefined : new KeyList(listed);
    const count = keys?.count ?? 0;
    const { pathSelection, share } = this.#context.setup.plan;
    const own = partition(count, share.index, share.count);
    const spanOf = (...ranges: { begin: number; end: number }[]): ObjectSpan =>
      new ObjectSpan(ranges.map((range) => ({ pool: -1, ...range })));
    const selection = new PathSelection(
      pathSelection,
      access,
      {
        own: spanOf(own),
        all: spanOf({ begin: 0, end: count }),
        others: spanOf({ begin: 0, end: own.begin }, { begin: own.end, end: count }),
      },
      entryPositions(this.#context, this.#memory, entry),
    );
    const fill: FillSlot = (slot) => {
      const span = selection.next();
      if (keys === undefined || span === undefined) return 'exhausted';
      beginOperation(slot, name, source.store);
      slot.request.key = keys.keyAt(span.object);
      return 'begun';
    };
    return { fill, count: selection.count };
  }

  /** Has the object of a GET compared with what was written, where that is known. */
  #expectContent(slot: Slot): void {
    const { expectedBytes, object, pool, request } = slot;
    const dataset = this.#context.pools[pool]?.dataset;
    if (dataset === undefined || expectedBytes < 0) return;
    slot.check.expect(request, dataset.content, { index: object, sizeBytes: expectedBytes });
  }
}
