import { sizeAt } from '@sai3bench/datagen';
import type { OperationPlan } from '@sai3bench/workload-config/plan';
import { LiveSet } from '../memory/live-set.ts';
import { ReadLeases } from '../memory/read-leases.ts';
import type { StageMemory } from '../memory/stage-memory.ts';
import { DeletePicker } from '../selection/delete-picker.ts';
import type { Mix } from '../selection/mix.ts';
import type { OtherParts, StagePools } from '../selection/object-picker.ts';
import { putNamePrefix } from '../selection/put-names.ts';
import { putContent, putSeed } from '../selection/readable-puts.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { beginOperation, type FillSlot } from './begin-operation.ts';
import { DirectoryTasks } from './directory-tasks.ts';
import { entryPositions } from './entry-positions.ts';
import { makeMix } from './make-mix.ts';
import { type RetryPauses, retryPausesOf } from './pause.ts';
import { PutKeys } from './put-keys.ts';
import { type ListedKeys, type ReadPlan, ReadTasks } from './read-tasks.ts';
import type { Slot } from './slot.ts';
import type { Outcome, TaskSource } from './task-source.ts';

type PutPlan = Extract<OperationPlan, { op: 'put' }>;

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
  readonly #reads: ReadTasks;
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
    this.#reads = new ReadTasks(context, stage.memory, stage.listed, this.#pools);
    this.#mix = makeMix(context, stage.memory, this.#pools);
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
        return this.#reads.gets(operation, entry);
      case 'stat':
        return this.#reads.stats(operation, entry);
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

  #fillDelete({ access, source }: ReadPlan, entry: number): FillSlot {
    const pools = source.type === 'pools' ? source.pools : [];
    const picker = new DeletePicker(
      this.#pools,
      pools,
      access,
      entryPositions(this.#context, this.#stage.memory, entry),
    );
    return (slot) => {
      beginOperation(slot, 'DELETE', 0);
      return picker.pickInto(slot);
    };
  }
}
