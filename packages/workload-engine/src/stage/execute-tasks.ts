import { partition, seedOf, sizeAt } from '@sai3bench/datagen';
import type { Operation } from '@sai3bench/stats';
import type { KeySource, OperationPlan } from '@sai3bench/workload-config/plan';
import { EntryLedger } from '../memory/entry-ledger.ts';
import { KeyList, type KeyListMemory } from '../memory/key-list.ts';
import { LiveSet } from '../memory/live-set.ts';
import { ReadLeases } from '../memory/read-leases.ts';
import { SharedSequence } from '../memory/shared-sequence.ts';
import { DECK_SEQUENCE, entrySequence, type StageMemory } from '../memory/stage-memory.ts';
import { Deck } from '../selection/deck.ts';
import { DeletePicker } from '../selection/delete-picker.ts';
import { type Begun, Mix } from '../selection/mix.ts';
import { ObjectPicker, type OtherParts, type StagePools } from '../selection/object-picker.ts';
import { ObjectSpan } from '../selection/object-span.ts';
import { PathSelection } from '../selection/path-selection.ts';
import type { PositionSources } from '../selection/positions.ts';
import { putNamePrefix } from '../selection/put-names.ts';
import { RangePicker } from '../selection/range-picker.ts';
import { putContent, putSeed, ReadablePuts } from '../selection/readable-puts.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { beginOperation } from './begin-operation.ts';
import { DirectoryTasks } from './directory-tasks.ts';
import { type RetryPauses, retryPausesOf } from './pause.ts';
import { PutKeys } from './put-keys.ts';
import type { Slot } from './slot.ts';
import type { Outcome, TaskSource } from './task-source.ts';

/** Fills a slot with one operation of an entry of the mix. */
type FillSlot = (slot: Slot) => Begun;

type ReadPlan = Extract<OperationPlan, { op: 'get' | 'stat' | 'delete' }>;
type PutPlan = Extract<OperationPlan, { op: 'put' }>;

/** Keys that were listed for entries whose keys cannot be computed, by entry. */
export type ListedKeys = ReadonlyMap<number, KeyListMemory>;

/** What the threads of a stage have in common. */
export interface ExecuteStage {
  readonly memory: StageMemory;
  readonly listed: ListedKeys;
  /** Whether this run has prepared its pools. */
  readonly prepared: boolean;
  /** What other agents have, by pool. */
  readonly others: readonly OtherParts[];
}

/** Carries out the weighted mix of operations, until the stage's time is up. */
export class ExecuteTasks implements TaskSource {
  readonly maxAttempts: number;
  readonly retryPauses: RetryPauses;
  readonly #context: WorkerContext;
  readonly #stage: ExecuteStage;
  readonly #pools: StagePools;
  readonly #directories: DirectoryTasks;
  readonly #mix: Mix;
  readonly #fill: readonly FillSlot[];
  /** PUT entries whose objects the mix reads. */
  readonly #read: ReadonlySet<number>;
  #waits = false;

  constructor(context: WorkerContext, stage: ExecuteStage) {
    const { errorHandling, operations, pools } = context.setup.plan;
    const retry = errorHandling?.retry;
    this.maxAttempts = 1 + (retry?.maxRetries ?? 0);
    this.retryPauses = retryPausesOf(retry);
    this.#context = context;
    this.#stage = stage;
    this.#pools = {
      pools: context.pools,
      live: pools.map(({ own }, pool) => {
        const memory = stage.memory.live[pool];
        return memory === undefined ? undefined : new LiveSet(memory, own.end - own.begin);
      }),
      leases: new ReadLeases(stage.memory.leases),
      statesKnown: stage.prepared,
      others: stage.others,
    };
    this.#read = new Set(
      operations.flatMap((operation) => ('puts' in operation ? operation.puts : [])),
    );
    this.#directories = new DirectoryTasks(context, stage.memory, this.#pools);
    this.#mix = this.#makeMix();
    this.#fill = operations.map((operation, entry) => this.#fillerOf(operation, entry));
  }

  next(slot: Slot): boolean {
    const turn = this.#mix.next((entry) => {
      slot.entry = entry;
      slot.pool = -1;
      slot.lease = -1;
      slot.mayBeMissing = false;
      slot.expectedBytes = -1;
      return this.#fill[entry]?.(slot) ?? 'exhausted';
    });
    this.#waits = turn === 'later';
    return turn === 'begun';
  }

  mayHaveMore(): boolean {
    return this.#waits;
  }

  ended(slot: Slot, outcome: Outcome): void {
    this.#mix.ended(slot.entry);
    if (slot.lease >= 0) this.#pools.leases.leave(slot.lease);
    const { operation } = slot.request;
    if (operation === 'DELETE' && outcome === 'succeeded') {
      this.#context.pools[slot.pool]?.setState(slot.object, 'deleted');
    } else if (operation === 'PUT' && this.#read.has(slot.entry)) {
      const numbers = this.#context.putNumbers(slot.entry);
      if (outcome === 'succeeded') numbers.acknowledged(slot.object);
      else numbers.failed(slot.object);
    } else if (operation === 'MKDIR' || operation === 'RMDIR') {
      this.#directories.ended(slot, operation, outcome);
    }
  }

  #makeMix(): Mix {
    const { concurrency, operations } = this.#context.setup.plan;
    const { memory } = this.#stage;
    const weights = operations.map(({ weight }) => weight);
    const limits = operations.map((operation) => {
      const limit = operation.concurrency ?? Infinity;
      return limit < concurrency ? limit : Infinity;
    });
    const sequence = new SharedSequence(memory.sequences, DECK_SEQUENCE);
    return new Mix({
      weights,
      deck: new Deck(weights, this.#context.runSeed(), sequence),
      ledger: new EntryLedger(memory.ledger, limits),
      mayWait: operations.flatMap((operation, entry) =>
        limits[entry] !== Infinity || this.#mayLackObjects(operation) ? [entry] : [],
      ),
      random: this.#context.random,
    });
  }

  /** Whether an operation may find its objects busy, or not there yet. */
  #mayLackObjects(operation: OperationPlan): boolean {
    if (operation.op === 'mkdir' || operation.op === 'rmdir') return true;
    if (!('source' in operation)) return false;
    const { puts, source } = operation;
    return (
      puts.length > 0 ||
      (source.type === 'pools' && source.pools.some((pool) => this.#pools.live[pool] !== undefined))
    );
  }

  #fillerOf(operation: OperationPlan, entry: number): FillSlot {
    switch (operation.op) {
      case 'put':
        return this.#fillPut(operation, entry);
      case 'list':
        return (slot) => {
          beginOperation(slot, 'LIST', operation.store);
          slot.request.key = operation.prefix;
          return 'begun';
        };
      case 'get':
        return this.#fillGet(operation, entry);
      case 'stat':
        return this.#fillRead('STAT', operation, entry);
      case 'delete':
        return this.#fillDelete(operation, entry);
      case 'mkdir':
        return this.#directories.makes(operation);
      case 'rmdir':
        return this.#directories.removes(operation);
    }
  }

  #fillPut(operation: PutPlan, entry: number): FillSlot {
    const { plan, worker } = this.#context.setup;
    const keys = new PutKeys(operation, putNamePrefix(plan.runId, plan.agentIndex, entry, worker));
    const seed = putSeed(this.#context.runSeed(), entry, worker);
    const content = putContent(operation, seed);
    const numbers = this.#context.putNumbers(entry);
    return (slot) => {
      const index = this.#read.has(entry) ? numbers.take() : numbers.takeUnread();
      beginOperation(slot, 'PUT', operation.store);
      slot.object = index;
      slot.request.key = keys.keyOf(index);
      slot.request.sizeBytes = sizeAt(operation.sizes, seed, index);
      slot.payload.select(content, { index, sizeBytes: slot.request.sizeBytes });
      return 'begun';
    };
  }

  #fillGet(operation: ReadPlan, entry: number): FillSlot {
    const fill = this.#fillRead('GET', operation, entry);
    if (operation.range === undefined) return fill;
    const picker = new RangePicker(operation.range, this.#context.random);
    return (slot) => {
      const begun = fill(slot);
      if (begun === 'begun') picker.narrow(slot, this.#context.pools[slot.pool]?.dataset);
      return begun;
    };
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
        const sources = this.#positionSources(entry);
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
    const listed = this.#stage.listed.get(entry);
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
      this.#positionSources(entry),
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

  #fillDelete({ access, source }: ReadPlan, entry: number): FillSlot {
    const pools = source.type === 'pools' ? source.pools : [];
    const picker = new DeletePicker(this.#pools, pools, access, this.#positionSources(entry));
    return (slot) => {
      beginOperation(slot, 'DELETE', 0);
      return picker.pickInto(slot);
    };
  }

  /** Has the object of a GET compared with what was written, where that is known. */
  #expectContent(slot: Slot): void {
    const { expectedBytes, object, pool, request } = slot;
    const dataset = this.#context.pools[pool]?.dataset;
    if (dataset === undefined || expectedBytes < 0) return;
    slot.check.expect(request, dataset.content, { index: object, sizeBytes: expectedBytes });
  }

  #positionSources(entry: number): PositionSources {
    const { random, setup } = this.#context;
    return {
      random,
      sequence: new SharedSequence(this.#stage.memory.sequences, entrySequence(entry)),
      // Not of the run: what is popular in one run is popular in the next.
      seed: seedOf(BigInt(setup.plan.dataSeed)),
    };
  }
}
