import {
  allocateRecorder,
  type Operation,
  operationIndex,
  OperationStats,
  Recorder,
  RecorderReader,
} from '@sai3bench/stats';

/** Statistics of some operations: operation, size in bytes, latency and, where it is known, time to first byte in ns of each. */
export function statsOf(
  samples: readonly (readonly [Operation, number, number, number?])[],
  failed: readonly Operation[] = [],
): OperationStats {
  const memory = allocateRecorder();
  const recorder = new Recorder(memory);
  for (const [operation, sizeBytes, latencyNs, firstByteNs = 0] of samples) {
    recorder.started(operationIndex(operation));
    recorder.succeeded(operationIndex(operation), sizeBytes, 0, 0, firstByteNs, latencyNs);
  }
  for (const operation of failed) {
    recorder.started(operationIndex(operation));
    recorder.failed(operationIndex(operation));
  }
  const stats = new OperationStats();
  stats.add(new RecorderReader(memory).takeDelta());
  return stats;
}
