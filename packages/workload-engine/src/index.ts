export { Alarm } from './alarm.ts';
export { monotonicClock } from './clock.ts';
export { CpuMeter } from './host/cpu-meter.ts';
export { HostProcess } from './host/host-process.ts';
export { layOutThreads } from './host/thread-layout.ts';
export { chooseWorkers, parseWorkers, readCpuLimits, usableCpus } from './host/worker-choice.ts';

export type {
  CpuShare,
  EndpointChange,
  EndpointProgress,
  EndpointReport,
  HostCommand,
  HostEvent,
  IntervalProgress,
  PoolKnowledge,
  StageReport,
} from './host/host-messages.ts';
export type { HostProcessOptions } from './host/host-process.ts';
export type { ThreadLayout } from './host/thread-layout.ts';
export type { CpuLimits, WorkerChoice } from './host/worker-choice.ts';
export { FINDING_CLASSES, FINDING_LEVELS } from './preflight/finding.ts';
export { findMount, readMounts } from './preflight/mounts.ts';
export { madeDirectoryPrefix, putRunPrefix } from './selection/put-names.ts';
export type { Finding, FindingClass, FindingLevel } from './preflight/finding.ts';
export type { ProbeSight } from './preflight/run-probe-step.ts';
export type { ErrorGroup } from './stage/error-journal.ts';
