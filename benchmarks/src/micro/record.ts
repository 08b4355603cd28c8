import { allocateRecorder, operationIndex, Recorder } from '@sai3bench/stats';
import { build } from 'hdr-histogram-js';
import type { MicroCase } from './case.ts';

const HOUR_NS = 3.6e12;
const OPERATION_BYTES = 4096;
/** Latencies around 100 µs, as they come: none is like the one before. */
const latenciesNs = Array.from({ length: 4096 }, (_, n) =>
  Math.round(1e5 * Math.exp(Math.sin(n * 12.9898) * 1.5)),
);

/** All that is recorded of one operation, beside adding its two times to histograms of hdr-histogram-js. */
export function recordCases(): MicroCase[] {
  const get = operationIndex('GET');
  const recorder = new Recorder(allocateRecorder());
  const [latency, firstByte] = [histogram(), histogram()];
  return [
    {
      ours: {
        name: 'record an operation',
        run: (times) => {
          for (let n = 0; n < times; n++) {
            const latencyNs = latencyAt(n);
            recorder.started(get);
            recorder.succeeded(
              get,
              OPERATION_BYTES,
              1e9,
              1e9,
              1e9 + latencyNs / 2,
              1e9 + latencyNs,
            );
          }
          return times;
        },
      },
      reference: {
        name: 'hdr-histogram-js, twice',
        run: (times) => {
          for (let n = 0; n < times; n++) {
            const latencyNs = latencyAt(n);
            latency.recordValue(latencyNs);
            firstByte.recordValue(Math.round(latencyNs / 2));
          }
          return latency.totalCount;
        },
      },
    },
  ];
}

function histogram() {
  return build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1000,
    highestTrackableValue: HOUR_NS,
    numberOfSignificantValueDigits: 3,
  });
}

function latencyAt(n: number): number {
  return latenciesNs[n % latenciesNs.length] ?? 0;
}
