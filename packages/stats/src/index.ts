export {
  allocateCoarseLatencies,
  CoarseLatencies,
  CoarseLatencyReader,
} from './coarse-latencies.ts';
export { addCounts, countDelta, endedOf, NO_COUNTS } from './delta-counts.ts';
export { NO_GET_CHECKS } from './get-checks.ts';
export { HIGHEST_LATENCY_NS, LOWEST_LATENCY_NS } from './latency-buckets.ts';
export { LatencyHistogram } from './latency-histogram.ts';
export { LatencyStats, summarize } from './latency-stats.ts';
export { isOperation, operationClass, operationIndex, OPERATIONS } from './operation.ts';
export { OperationStats } from './operation-stats.ts';
export { allocateRecorder } from './recorder-layout.ts';
export { RecorderReader } from './recorder-reader.ts';
export { Recorder } from './recorder.ts';
export { SIZE_BUCKET_COUNT, SIZE_BUCKET_LABELS, sizeBucketOf } from './size-bucket.ts';

export type { DeltaCounts } from './delta-counts.ts';
export type { GetCheck, GetChecks } from './get-checks.ts';
export type { Operation, OperationClass } from './operation.ts';
export type { LatencySummary } from './latency-stats.ts';
export type { OperationDelta, OperationTimes, SlotDelta, StatsDelta } from './stats-delta.ts';
