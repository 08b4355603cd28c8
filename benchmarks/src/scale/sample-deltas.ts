import {
  allocateRecorder,
  operationIndex,
  Recorder,
  RecorderReader,
  type StatsDelta,
} from '@sai3bench/stats';

/** Different seconds of work, of which each agent reports one after the other. */
const SAMPLES = 32;
const OPERATIONS_PER_SAMPLE = 2_000;
/** Latencies are spread like those of a store: most near 1 ms, some of many. */
const MEDIAN_NS = 1e6;
const SPREAD = 0.6;
const SIZES_BYTES = [4096, 1024 * 1024] as const;

/** What some seconds of an agent's work look like: GETs and PUTs of two sizes, and STATs, with their latencies. */
export function sampleDeltas(random: () => number): readonly StatsDelta[] {
  const memory = allocateRecorder();
  const recorder = new Recorder(memory);
  const reader = new RecorderReader(memory);
  return Array.from({ length: SAMPLES }, () => {
    for (let number = 0; number < OPERATIONS_PER_SAMPLE; number++) {
      const operation = operationIndex(pick(random));
      const endNs = Math.round(MEDIAN_NS * Math.exp(SPREAD * normal(random)));
      recorder.started(operation);
      recorder.succeeded(operation, SIZES_BYTES[number % 2] ?? 0, 0, 0, endNs / 2, endNs);
    }
    return reader.takeDelta();
  });
}

function pick(random: () => number): 'GET' | 'PUT' | 'STAT' {
  const value = random();
  if (value < 0.7) return 'GET';
  return value < 0.95 ? 'PUT' : 'STAT';
}

/** A number from the normal distribution (Box and Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
