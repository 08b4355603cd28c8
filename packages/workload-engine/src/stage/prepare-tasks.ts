import type { BenchError } from '@sai3bench/errors';
import type { ObjectState } from '@sai3bench/metadata-cache';
import { operationIndex } from '@sai3bench/stats';
import { ClaimCursor } from '../memory/claim-cursor.ts';
import { CONTROL_WORDS } from '../memory/run-memory.ts';
import { PutOffs } from '../memory/put-offs.ts';
import type { StageMemory } from '../memory/stage-memory.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { PoolSpan, type PoolPosition } from './pool-span.ts';
import type { Slot } from './slot.ts';
import type { Outcome, OperationFailure, TaskSource } from './task-source.ts';
import { TreeTasks } from './tree-tasks.ts';

const MKDIR = operationIndex('MKDIR');
const PUT = operationIndex('PUT');

/** How often an object that failed is put back behind all others. */
const MAX_DEFERRALS = 10;
/** Objects that a worker keeps for later at most. */
const MAX_DEFERRED = 1000;

/** States of objects that nobody has begun to make, or that are gone again. */
const UNMADE: ReadonlySet<ObjectState> = new Set(['planned', 'deleted']);

/** An object or a directory that failed, and is tried again when the others are done. */
interface Deferred extends PoolPosition {
  readonly deferrals: number;
  /** Whether it is not an object, but the directory at position `index` of the trees. */
  readonly isDirectory: boolean;
  readonly failure: OperationFailure;
}

/**
 * Makes the directories of trees, and then what is missing of the agent's own objects of every pool, dealt to the workers. What fails though the storage
 * works is put off until the rest is done, so that an endpoint that is down for a while costs no object.
 */
export class PrepareTasks implements TaskSource {
  readonly maxAttempts = 4;
  readonly #context: WorkerContext;
  readonly #trees: TreeTasks;
  readonly #span: PoolSpan;
  readonly #claims: ClaimCursor;
  readonly #putOffs: PutOffs;
  readonly #deferred: Deferred[] = [];
  /** How often the object of a slot was put off. */
  readonly #deferrals = new WeakMap<Slot, number>();
  /** What was known of the object of a slot before it was begun. */
  readonly #before = new WeakMap<Slot, ObjectState>();
  #succeeded = false;
  /** Whether the objects wait for directories. */
  #waits = false;

  constructor(context: WorkerContext, stage: StageMemory) {
    const { plan, totalSlots } = context.setup;
    this.#context = context;
    this.#putOffs = new PutOffs(stage.putOffs);
    this.#trees = new TreeTasks(plan, stage.trees);
    this.#span = new PoolSpan(context.pools, plan.prepare.strategy);
    this.#claims = new ClaimCursor(
      context.control,
      CONTROL_WORDS.claims,
      this.#span.total,
      totalSlots,
    );
  }

  next(slot: Slot): boolean {
    const directory = this.#trees.take();
    if (directory !== undefined) return this.#fillDirectory(slot, directory, 0);
    this.#waits = this.#trees.underWay;
    if (this.#waits) return false;
    const missing = this.#nextMissing();
    if (missing !== undefined) return this.#fill(slot, missing, 0);
    const deferred = this.#deferred.shift();
    if (deferred === undefined) return false;
    this.#putOffs.takenUp();
    return deferred.isDirectory
      ? this.#fillDirectory(slot, deferred.index, deferred.deferrals)
      : this.#fill(slot, deferred, deferred.deferrals);
  }

  mayHaveMore(): boolean {
    return this.#waits;
  }

  #nextMissing(): PoolPosition | undefined {
    for (let position = this.#claims.next(); position >= 0; position = this.#claims.next()) {
      const { index, pool } = this.#span.at(position);
      const state = this.#context.pools[pool]?.stateOf(index);
      if (state !== undefined && state !== 'created' && state !== 'found') return { index, pool };
    }
    return undefined;
  }

  #fillDirectory(slot: Slot, position: number, deferrals: number): true {
    this.#deferrals.set(slot, deferrals);
    this.#trees.fill(slot, position);
    return true;
  }

  #fill(slot: Slot, { index, pool }: PoolPosition, deferrals: number): boolean {
    const objects = this.#context.pools[pool];
    if (objects === undefined) return false;
    const { request } = slot;
    this.#deferrals.set(slot, deferrals);
    this.#before.set(slot, objects.stateOf(index));
    slot.operation = PUT;
    slot.store = objects.plan.store;
    slot.pool = pool;
    slot.object = index;
    slot.mayBeMissing = false;
    slot.expectedBytes = -1;
    request.operation = 'PUT';
    request.key = objects.dataset.keyOf(index);
    request.sizeBytes = objects.dataset.sizeOf(index);
    slot.payload.select(objects.dataset.content, { index, sizeBytes: request.sizeBytes });
    objects.setState(index, 'creating');
    return true;
  }

  /** Puts an object or a directory off. A storage that has never worked fails at once: waiting would not help. */
  putsOff(slot: Slot, error: BenchError): boolean {
    const deferrals = (this.#deferrals.get(slot) ?? 0) + 1;
    if (!error.retryable || !this.#succeeded) return false;
    if (deferrals > MAX_DEFERRALS || this.#deferred.length >= MAX_DEFERRED) return false;
    const isDirectory = slot.operation === MKDIR;
    if (isDirectory && deferrals === 1) this.#trees.ended();
    const { endpoint, object: index, operation, pool, request, store } = slot;
    const failure = { operation, key: request.key, store, endpoint, error };
    this.#deferred.push({ pool, index, deferrals, isDirectory, failure });
    this.#putOffs.putOff(this.#context.nowNs());
    return true;
  }

  dropPutOff(): readonly OperationFailure[] {
    const dropped = this.#deferred.splice(0);
    this.#putOffs.takenUp(dropped.length);
    return dropped.map(({ failure }) => failure);
  }

  ended(slot: Slot, outcome: Outcome): void {
    if (outcome === 'succeeded') this.#putOffs.succeeded();
    if (slot.operation === MKDIR) {
      this.#succeeded ||= outcome === 'succeeded';
      // One that was put off is not waited for.
      if (this.#deferrals.get(slot) === 0) this.#trees.ended();
      return;
    }
    const objects = this.#context.pools[slot.pool];
    if (outcome === 'succeeded') {
      this.#succeeded = true;
      objects?.setState(slot.object, 'created');
    } else if (outcome === 'failed') {
      objects?.setState(slot.object, this.#stateAfterFailure(slot));
    }
  }

  /** What is refused is not made: if something is there, it is not ours, and must not be deleted as such. */
  #stateAfterFailure(slot: Slot): ObjectState {
    const before = this.#before.get(slot);
    return slot.refused && before !== undefined && UNMADE.has(before) ? before : 'failed';
  }
}
