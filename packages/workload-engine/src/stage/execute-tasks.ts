import { contentOf, deriveSeed, sizeAt } from '@sai3bench/datagen';
import { type Operation, operationIndex } from '@sai3bench/stats';
import type { KeySource, OperationPlan } from '@sai3bench/workload-config';
import { ClaimCursor } from '../memory/claim-cursor.ts';
import { KeyList, type KeyListMemory } from '../memory/key-list.ts';
import { poolClaimsWord } from '../memory/run-memory.ts';
import { Deck } from '../selection/deck.ts';
import { ObjectPicker } from '../selection/object-picker.ts';
import { putNamePrefix } from '../selection/put-names.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { PutKeys } from './put-keys.ts';
import type { Slot } from './slot.ts';
import type { Outcome, TaskSource } from './task-source.ts';

/** Fills a slot with one operation of an entry of the mix; false when the entry has nothing left to do. */
type FillSlot = (slot: Slot) => boolean;

/** Keys that were listed for entries whose keys cannot be computed, by entry. */
export type ListedKeys = ReadonlyMap<number, KeyListMemory>;

/** Carries out the weighted mix of operations, until the stage's time is up. */
export class ExecuteTasks implements TaskSource {
  readonly maxAttempts = 1;
  readonly #context: WorkerContext;
  readonly #deck: Deck;
  readonly #fill: readonly FillSlot[];

  /** @param prepared whether this run has prepared its pools */
  constructor(context: WorkerContext, listed: ListedKeys, prepared: boolean) {
    const { operations } = context.setup.plan;
    this.#context = context;
    this.#deck = new Deck(
      operations.map(({ weight }) => weight),
      context.random,
    );
    this.#fill = operations.map((operation, entry) =>
      fillerOf(context, operation, entry, listed, prepared),
    );
  }

  next(slot: Slot): boolean {
    for (;;) {
      const entry = this.#deck.draw();
      const fill = this.#fill[entry];
      if (fill === undefined) return false;
      slot.pool = -1;
      slot.mayBeMissing = false;
      slot.expectedBytes = -1;
      if (fill(slot)) return true;
      this.#deck.remove(entry);
    }
  }

  ended(slot: Slot, outcome: Outcome): void {
    if (slot.request.operation !== 'DELETE' || outcome !== 'succeeded') return;
    this.#context.pools[slot.pool]?.setState(slot.object, 'deleted');
  }
}

function fillerOf(
  context: WorkerContext,
  operation: OperationPlan,
  entry: number,
  listed: ListedKeys,
  prepared: boolean,
): FillSlot {
  switch (operation.op) {
    case 'put':
      return fillPut(context, operation, entry);
    case 'list':
      return (slot) => {
        begin(slot, 'LIST', operation.store);
        slot.request.key = operation.prefix;
        return true;
      };
    case 'get':
      return fillFrom(context, 'GET', operation.source, listed.get(entry), prepared);
    case 'stat':
      return fillFrom(context, 'STAT', operation.source, listed.get(entry), prepared);
    case 'delete':
      return fillDelete(context, operation.source);
  }
}

function fillPut(
  context: WorkerContext,
  operation: Extract<OperationPlan, { op: 'put' }>,
  entry: number,
): FillSlot {
  const { plan, worker } = context.setup;
  const keys = new PutKeys(operation, putNamePrefix(plan.runId, plan.agentIndex, entry, worker));
  const seed = deriveSeed(context.runSeed(), `put ${String(entry)} ${String(worker)}`);
  const content = contentOf(seed, operation, seed, Infinity);
  return (slot) => {
    const index = context.nextPutNumber(entry);
    begin(slot, 'PUT', operation.store);
    slot.request.key = keys.keyOf(index);
    slot.request.sizeBytes = sizeAt(operation.sizes, seed, index);
    slot.payload.select(content, { index, sizeBytes: slot.request.sizeBytes });
    return true;
  };
}

function fillFrom(
  context: WorkerContext,
  operation: 'GET' | 'STAT',
  source: KeySource,
  listed: KeyListMemory | undefined,
  prepared: boolean,
): FillSlot {
  switch (source.type) {
    case 'pools': {
      const picker = new ObjectPicker(context.pools, source.pools, context.random, prepared);
      return (slot) => {
        begin(slot, operation, 0);
        if (!picker.pickInto(slot)) return false;
        slot.request.sizeBytes = slot.expectedBytes;
        return true;
      };
    }
    case 'key':
      return (slot) => {
        begin(slot, operation, source.store);
        slot.request.key = source.key;
        return true;
      };
    case 'listing': {
      const keys = listed === undefined ? undefined : new KeyList(listed);
      return (slot) => {
        if (keys === undefined || keys.count === 0) return false;
        begin(slot, operation, source.store);
        slot.request.key = keys.keyAt(context.random.below(keys.count));
        return true;
      };
    }
  }
}

/** Deletes each of the agent's own objects at most once: they are dealt, not drawn. */
function fillDelete(context: WorkerContext, source: KeySource): FillSlot {
  const pools = source.type === 'pools' ? source.pools : [];
  const queues = pools.flatMap((pool) => {
    const objects = context.pools[pool];
    if (objects === undefined) return [];
    const { totalSlots } = context.setup;
    const claims = new ClaimCursor(
      context.control,
      poolClaimsWord(pool),
      objects.ownCount,
      totalSlots,
    );
    return [{ pool, objects, claims }];
  });
  return (slot) => {
    for (const { claims, objects, pool } of queues) {
      for (let position = claims.next(); position >= 0; position = claims.next()) {
        const index = objects.plan.own.begin + position;
        if (objects.stateOf(index) !== 'created') continue;
        begin(slot, 'DELETE', objects.plan.store);
        slot.pool = pool;
        slot.object = index;
        slot.request.key = objects.dataset.keyOf(index);
        return true;
      }
    }
    return false;
  };
}

function begin(slot: Slot, operation: Operation, store: number): void {
  slot.operation = operationIndex(operation);
  slot.store = store;
  slot.request.operation = operation;
  slot.request.sizeBytes = -1;
}
