import { LatencyHistogram } from './latency-histogram.ts';

/** Successful operations of some kind: how many, how large, how long they took. */
export class LatencyStats {
  operations = 0;
  bytes = 0;
  latencySumNs = 0;
  readonly latency = new LatencyHistogram();

  add(other: LatencyStats): void {
    this.operations += other.operations;
    this.bytes += other.bytes;
    this.latencySumNs += other.latencySumNs;
    this.latency.addHistogram(other.latency);
  }

  /** Whether not even a part of a sample is here. */
  get isEmpty(): boolean {
    const { bytes, latency, latencySumNs, operations } = this;
    return operations === 0 && bytes === 0 && latencySumNs === 0 && latency.count === 0;
  }

  /** Mean latency in ns, from the exact sum; 0 without samples. */
  get meanNs(): number {
    return this.operations === 0 ? 0 : this.latencySumNs / this.operations;
  }
}

/** The same as numbers alone. */
export interface LatencySummary {
  readonly operations: number;
  readonly bytes: number;
  /** From the exact sum; 0 without samples. */
  readonly meanNs: number;
  /** Those that were asked for. */
  readonly percentilesNs: readonly number[];
}

/**
 * Sums up successful operations of several kinds without adding up their histograms.
 *
 * @param percentiles ascending, above 0, at most 100
 */
export function summarize(
  parts: readonly LatencyStats[],
  percentiles: readonly number[],
): LatencySummary {
  const sum = (pick: (part: LatencyStats) => number): number =>
    parts.reduce((total, part) => total + pick(part), 0);
  const operations = sum((part) => part.operations);
  return {
    operations,
    bytes: sum(({ bytes }) => bytes),
    meanNs: operations === 0 ? 0 : sum(({ latencySumNs }) => latencySumNs) / operations,
    percentilesNs: LatencyHistogram.percentilesOf(
      parts.map(({ latency }) => latency),
      percentiles,
    ),
  };
}
