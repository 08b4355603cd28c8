import {
  NO_GET_CHECKS,
  type Operation,
  type OperationDelta,
  OPERATIONS,
  OperationStats,
  type StatsDelta,
} from '@sai3bench/stats';
import type { StageKind } from '@sai3bench/workload-config/plan';

/** The operation that does a task, of stages that end with their tasks. */
const TASK_OF: Readonly<Partial<Record<StageKind, Operation>>> = {
  prepare: 'PUT',
  cleanup: 'DELETE',
  verify: 'GET',
};

/** What all workers have recorded in a stage, added up. */
export class StageSums {
  readonly total = new OperationStats();
  readonly #kind: StageKind;
  #interval = new OperationStats();
  #tasksDone = 0;
  #directoriesDone = 0;

  constructor(kind: StageKind) {
    this.#kind = kind;
  }

  /** Objects that are done, of stages that end with their tasks; operations of hybrid stages. */
  get tasksDone(): number {
    return this.#tasksDone;
  }

  /** Directories that were made, or that could not be. */
  get directoriesDone(): number {
    return this.#directoriesDone;
  }

  add(delta: StatsDelta): void {
    this.#interval.add(delta);
    this.total.add(delta);
    const task = TASK_OF[this.#kind];
    const isLimited = this.#kind === 'hybrid';
    for (const { operation, operations } of delta.slots) {
      if (operation === task || isLimited) this.#tasksDone += operations;
      if (operation === 'MKDIR') this.#directoriesDone += operations;
    }
    for (const { errors, operation } of delta.operations) {
      if (operation === 'MKDIR') this.#directoriesDone += errors;
      // An object that is not right is looked at all the same, and an operation that fails is done.
      if (this.#kind === 'verify' || isLimited) this.#tasksDone += errors;
    }
  }

  /** Adds operations that will not come to their end, by their index. */
  addCancelled(inFlight: readonly number[]): void {
    const operations = OPERATIONS.flatMap((operation, index) => {
      const cancelled = inFlight[index] ?? 0;
      return cancelled === 0 ? [] : [{ ...uncounted(operation), cancelled }];
    });
    this.add(deltaOf(operations));
  }

  /** Adds failed operations that no worker has recorded. */
  addFailed(operation: Operation, errors: number): void {
    this.add(deltaOf([{ ...uncounted(operation), errors }]));
  }

  /** What was added since the last time. */
  takeInterval(): StatsDelta {
    const delta = this.#interval.toDelta();
    this.#interval = new OperationStats();
    return delta;
  }
}

function deltaOf(operations: OperationDelta[]): StatsDelta {
  return { slots: [], operations, clamped: 0, getChecks: NO_GET_CHECKS };
}

/** An operation of which nothing has happened. */
function uncounted(operation: Operation): OperationDelta {
  const none = new Uint8Array();
  return {
    operation,
    errors: 0,
    cancelled: 0,
    retries: 0,
    connectNs: 0,
    retryNs: 0,
    generateNs: 0,
    generateApartNs: 0,
    firstByte: none,
    response: none,
  };
}
