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

  /** Mean latency in ns, from the exact sum; 0 without samples. */
  get meanNs(): number {
    return this.operations === 0 ? 0 : this.latencySumNs / this.operations;
  }
}
