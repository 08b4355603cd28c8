import type { PlainStageProgress, PlainStageSummary } from '@sai3bench/barrier-protocol';
import {
  allocateRecorder,
  operationIndex,
  Recorder,
  RecorderReader,
  type StatsDelta,
} from '@sai3bench/stats';

/** Of an endpoint where nothing is counted on the wire. */
export const NO_TRAFFIC = {
  addresses: [],
  operations: [],
  reconnects: 0,
  connectTimes: new Uint8Array(),
  region: '',
  regionAdopted: false,
};

/** Statistics of `count` PUTs of 4 KiB. */
export function putStats(count: number, errors = 0): StatsDelta {
  const memory = allocateRecorder();
  const recorder = new Recorder(memory);
  const put = operationIndex('PUT');
  for (let n = 0; n < count; n++) {
    recorder.started(put);
    recorder.succeeded(put, 4096, 0, 0, 0, 100_000 + n);
  }
  for (let n = 0; n < errors; n++) {
    recorder.started(put);
    recorder.failed(put);
  }
  return new RecorderReader(memory).takeDelta();
}

/** A report of an interval in which `count` PUTs ended. */
export function progressOf(
  interval: number,
  count: number,
  elapsedMs = interval * 1000,
): PlainStageProgress {
  return {
    interval,
    elapsedMs,
    stats: putStats(count),
    tasksDone: 0,
    tasksTotal: 0,
    directoriesDone: 0,
    directoriesTotal: 0,
    putOff: 0,
    inFlight: 1,
    endpoints: [],
    cpu: { userPct: 10, systemPct: 5, iowaitPct: 0 },
  };
}

/** The final report of a stage in which `count` PUTs ended. */
export function summaryOf(
  count: number,
  lastEndMs: number,
  more: Partial<PlainStageSummary> = {},
): PlainStageSummary {
  return {
    outcome: 'completed',
    stats: putStats(count),
    firstStartMs: 0,
    lastEndMs,
    tasksDone: count,
    tasksTotal: count,
    errors: [],
    endpoints: [],
    stuckWorkers: 0,
    tasksExisted: 0,
    ...more,
  };
}
