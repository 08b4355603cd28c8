import { create } from '@bufbuild/protobuf';
import { type StageProgress, StageProgressSchema } from '../gen/sai3bench/agent/v1/agent_pb.ts';
import { type PlainStats, statsFromWire, statsToWire } from './stats.ts';

/** What happened in an interval of a stage, as plain data. */
export interface PlainStageProgress {
  /** Whole seconds of the stage that have passed; the last interval is cut short. */
  readonly interval: number;
  readonly elapsedMs: number;
  readonly stats: PlainStats;
  readonly tasksDone: number;
  readonly tasksTotal: number;
  /** Directories of trees that a prepare stage makes before the objects. */
  readonly directoriesDone: number;
  readonly directoriesTotal: number;
  /** Objects and directories that a prepare stage has failed at so far, and will try again. */
  readonly putOff: number;
  readonly inFlight: number;
  /** Of stores with several endpoints: those of which something is new. */
  readonly endpoints: readonly PlainEndpointProgress[];
  readonly cpu: {
    readonly userPct: number;
    readonly systemPct: number;
    readonly iowaitPct: number;
  };
}

/** What is new of one endpoint, as plain data. */
export interface PlainEndpointProgress {
  /** Position among all endpoints of the plan, store by store. */
  readonly endpoint: number;
  readonly requests: number;
  readonly errors: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly latencySumNs: number;
  readonly inFlight: number;
  readonly isOut: boolean;
  /** How long it has been out in this stage so far. */
  readonly outMs: number;
}

export function progressToWire(stage: number, progress: PlainStageProgress): StageProgress {
  return create(StageProgressSchema, {
    stage,
    interval: progress.interval,
    elapsedMs: progress.elapsedMs,
    stats: statsToWire(progress.stats),
    tasksDone: BigInt(progress.tasksDone),
    tasksTotal: BigInt(progress.tasksTotal),
    directoriesDone: BigInt(progress.directoriesDone),
    directoriesTotal: BigInt(progress.directoriesTotal),
    putOff: BigInt(progress.putOff),
    inFlight: progress.inFlight,
    cpu: progress.cpu,
    endpoints: progress.endpoints.map((endpoint) => ({
      ...endpoint,
      requests: BigInt(endpoint.requests),
      errors: BigInt(endpoint.errors),
      bytesRead: BigInt(endpoint.bytesRead),
      bytesWritten: BigInt(endpoint.bytesWritten),
    })),
  });
}

export function progressFromWire(progress: StageProgress): PlainStageProgress {
  return {
    interval: progress.interval,
    elapsedMs: progress.elapsedMs,
    stats: statsFromWire(progress.stats),
    tasksDone: Number(progress.tasksDone),
    tasksTotal: Number(progress.tasksTotal),
    directoriesDone: Number(progress.directoriesDone),
    directoriesTotal: Number(progress.directoriesTotal),
    putOff: Number(progress.putOff),
    inFlight: progress.inFlight,
    endpoints: progress.endpoints.map((endpoint) => ({
      endpoint: endpoint.endpoint,
      requests: Number(endpoint.requests),
      errors: Number(endpoint.errors),
      bytesRead: Number(endpoint.bytesRead),
      bytesWritten: Number(endpoint.bytesWritten),
      latencySumNs: endpoint.latencySumNs,
      inFlight: endpoint.inFlight,
      isOut: endpoint.isOut,
      outMs: endpoint.outMs,
    })),
    cpu: {
      userPct: progress.cpu?.userPct ?? 0,
      systemPct: progress.cpu?.systemPct ?? 0,
      iowaitPct: progress.cpu?.iowaitPct ?? 0,
    },
  };
}
