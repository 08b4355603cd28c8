import { create } from '@bufbuild/protobuf';
import { type ErrorClass, type ErrorRecord, isErrorClass } from '@sai3bench/errors';
import { type StageSummary, StageSummarySchema } from '../gen/sai3bench/agent/v1/agent_pb.ts';
import { errorFromWire, errorToWire } from './error.ts';
import {
  nameOf,
  OPERATIONS,
  type OperationName,
  STAGE_OUTCOMES,
  type StageOutcomeName,
} from './names.ts';
import { type PlainTraffic, trafficFromWire, trafficToWire } from './traffic.ts';
import { type PlainStats, statsFromWire, statsToWire } from './stats.ts';

/** The final report of a stage as plain data. */
export interface PlainStageSummary {
  readonly outcome: StageOutcomeName;
  readonly failure?: ErrorRecord;
  readonly stats: PlainStats;
  /** First start and last end of an operation, in ms from the planned start of the stage. */
  readonly firstStartMs: number;
  readonly lastEndMs: number;
  readonly tasksDone: number;
  readonly tasksTotal: number;
  /** Objects that a prepare stage found and left as they were. */
  readonly tasksExisted: number;
  readonly errors: readonly PlainErrorGroup[];
  readonly endpoints: readonly {
    readonly address: string;
    readonly requests: number;
    readonly errors: number;
    readonly bytesRead: number;
    readonly bytesWritten: number;
    readonly outMs: number;
    /** Sparse histogram. */
    readonly latency: Uint8Array;
    readonly traffic: PlainTraffic;
  }[];
  readonly stuckWorkers: number;
}

/** Failures of one kind as plain data. */
export interface PlainErrorGroup {
  readonly operation: OperationName;
  readonly endpoint: string;
  readonly class: ErrorClass;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly key: string;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

export function summaryToWire(stage: number, summary: PlainStageSummary): StageSummary {
  return create(StageSummarySchema, {
    stage,
    outcome: STAGE_OUTCOMES[summary.outcome],
    ...(summary.failure === undefined ? {} : { failure: errorToWire(summary.failure) }),
    stats: statsToWire(summary.stats),
    firstStartMs: summary.firstStartMs,
    lastEndMs: summary.lastEndMs,
    tasksDone: BigInt(summary.tasksDone),
    tasksTotal: BigInt(summary.tasksTotal),
    tasksExisted: BigInt(summary.tasksExisted),
    errors: summary.errors.map((group) => ({
      operation: OPERATIONS[group.operation],
      endpoint: group.endpoint,
      errorClass: group.class,
      code: group.code,
      message: group.message,
      hint: group.hint ?? '',
      key: group.key,
      count: BigInt(group.count),
      firstAtMs: BigInt(Math.round(group.firstAtMs)),
      lastAtMs: BigInt(Math.round(group.lastAtMs)),
    })),
    endpoints: summary.endpoints.map((endpoint) => ({
      address: endpoint.address,
      requests: BigInt(endpoint.requests),
      errors: BigInt(endpoint.errors),
      bytesRead: BigInt(endpoint.bytesRead),
      bytesWritten: BigInt(endpoint.bytesWritten),
      outMs: endpoint.outMs,
      latency: endpoint.latency,
      traffic: trafficToWire(endpoint.traffic),
    })),
    stuckWorkers: summary.stuckWorkers,
  });
}

export function summaryFromWire(summary: StageSummary): PlainStageSummary {
  return {
    outcome: nameOf(STAGE_OUTCOMES, summary.outcome) ?? 'failed',
    ...(summary.failure === undefined ? {} : { failure: errorFromWire(summary.failure) }),
    stats: statsFromWire(summary.stats),
    firstStartMs: summary.firstStartMs,
    lastEndMs: summary.lastEndMs,
    tasksDone: Number(summary.tasksDone),
    tasksTotal: Number(summary.tasksTotal),
    tasksExisted: Number(summary.tasksExisted),
    errors: summary.errors.flatMap((group) => {
      const operation = nameOf(OPERATIONS, group.operation);
      if (operation === undefined) return [];
      return [
        {
          operation,
          endpoint: group.endpoint,
          class: isErrorClass(group.errorClass) ? group.errorClass : 'internal',
          code: group.code,
          message: group.message,
          hint: group.hint === '' ? undefined : group.hint,
          key: group.key,
          count: Number(group.count),
          firstAtMs: Number(group.firstAtMs),
          lastAtMs: Number(group.lastAtMs),
        },
      ];
    }),
    endpoints: summary.endpoints.map((endpoint) => ({
      address: endpoint.address,
      requests: Number(endpoint.requests),
      errors: Number(endpoint.errors),
      bytesRead: Number(endpoint.bytesRead),
      bytesWritten: Number(endpoint.bytesWritten),
      outMs: endpoint.outMs,
      latency: endpoint.latency,
      traffic: trafficFromWire(endpoint.traffic),
    })),
    stuckWorkers: summary.stuckWorkers,
  };
}
