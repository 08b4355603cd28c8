import { median } from '../measure.ts';

/** A piece of work that can be repeated. */
export interface Subject {
  readonly name: string;
  /** Does the work so many times; yields some sum of it, so that none of it is left out as useless. */
  readonly run: (times: number) => number;
}

/** Something of ours, and what it is compared with in the same run. */
export interface MicroCase {
  readonly ours: Subject;
  readonly reference: Subject;
  /** Bytes of one time, for work that is better told in bytes per second. */
  readonly bytes?: number;
}

/** Medians of the rounds. */
export interface MicroResult {
  readonly name: string;
  readonly reference: string;
  readonly nsPerTime: number;
  readonly referenceNsPerTime: number;
  /** How many times as fast as the reference. */
  readonly ratio: number;
  readonly bytesPerSecond?: number;
  readonly referenceBytesPerSecond?: number;
}

/** Work of so many nanoseconds is done between two looks at the clock. */
const BATCH_NS = 1e6;

/** Measures a case: both sides in turn, who goes first changes from round to round. */
export function measureCase(
  { bytes, ours, reference }: MicroCase,
  rounds: number,
  seconds: number,
): MicroResult {
  // What is measured is the compiled code.
  for (const subject of [ours, reference]) nsPerTime(subject, Math.min(seconds, 0.1));
  const pairs = Array.from({ length: rounds }, (_, round) => {
    if (round % 2 === 0) {
      const first = nsPerTime(ours, seconds);
      return [first, nsPerTime(reference, seconds)] as const;
    }
    const first = nsPerTime(reference, seconds);
    return [nsPerTime(ours, seconds), first] as const;
  });
  const result = {
    name: ours.name,
    reference: reference.name,
    nsPerTime: median(pairs.map(([ns]) => ns)),
    referenceNsPerTime: median(pairs.map(([, ns]) => ns)),
    ratio: median(pairs.map(([ns, referenceNs]) => referenceNs / ns)),
  };
  if (bytes === undefined) return result;
  return {
    ...result,
    bytesPerSecond: (bytes / result.nsPerTime) * 1e9,
    referenceBytesPerSecond: (bytes / result.referenceNsPerTime) * 1e9,
  };
}

/** Processor time, so that neighbours on the same core count less. */
function nsPerTime({ run }: Subject, seconds: number): number {
  let batch = 1;
  let sum = 0;
  let times = 0;
  const usage = process.cpuUsage();
  const startMs = performance.now();
  let elapsedMs = 0;
  while (elapsedMs < seconds * 1000) {
    sum += run(batch);
    times += batch;
    elapsedMs = performance.now() - startMs;
    if ((elapsedMs * 1e6) / times < BATCH_NS / batch) batch *= 2;
  }
  const { system, user } = process.cpuUsage(usage);
  if (Number.isNaN(sum)) throw new Error('the work yielded no number');
  return ((system + user) * 1000) / times;
}
