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
  readonly inFlight: number;
  readonly cpu: {
    readonly userPct: number;
    readonly systemPct: number;
    readonly iowaitPct: number;
  };
}

export function progressToWire(stage: number, progress: PlainStageProgress): StageProgress {
  return create(StageProgressSchema, {
    stage,
    interval: progress.interval,
    elapsedMs: progress.elapsedMs,
    stats: statsToWire(progress.stats),
    tasksDone: BigInt(progress.tasksDone),
    tasksTotal: BigInt(progress.tasksTotal),
    inFlight: progress.inFlight,
    cpu: progress.cpu,
  });
}

export function progressFromWire(progress: StageProgress): PlainStageProgress {
  return {
    interval: progress.interval,
    elapsedMs: progress.elapsedMs,
    stats: statsFromWire(progress.stats),
    tasksDone: Number(progress.tasksDone),
    tasksTotal: Number(progress.tasksTotal),
    inFlight: progress.inFlight,
    cpu: {
      userPct: progress.cpu?.userPct ?? 0,
      systemPct: progress.cpu?.systemPct ?? 0,
      iowaitPct: progress.cpu?.iowaitPct ?? 0,
    },
  };
}
