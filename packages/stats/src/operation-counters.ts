import { LatencyHistogram } from './latency-histogram.ts';
import type { OperationDelta, OperationTimes } from './stats-delta.ts';

/** What is counted of one kind of operation whatever the size: failures, time beside the latency, other latencies. */
export class OperationCounters implements OperationTimes {
  connectNs = 0;
  retryNs = 0;
  generateNs = 0;
  generateApartNs = 0;
  errors = 0;
  cancelled = 0;
  retries = 0;
  readonly firstByte = new LatencyHistogram();
  readonly response = new LatencyHistogram();

  /** Forgets everything, but keeps the memory. */
  reset(): void {
    this.connectNs = 0;
    this.retryNs = 0;
    this.generateNs = 0;
    this.generateApartNs = 0;
    this.errors = 0;
    this.cancelled = 0;
    this.retries = 0;
    this.firstByte.reset();
    this.response.reset();
  }

  /** Adds everything but latencies. */
  addCounts(other: Omit<OperationDelta, 'operation' | 'firstByte' | 'response'>): void {
    this.connectNs += other.connectNs;
    this.retryNs += other.retryNs;
    this.generateNs += other.generateNs;
    this.generateApartNs += other.generateApartNs;
    this.errors += other.errors;
    this.cancelled += other.cancelled;
    this.retries += other.retries;
  }

  /** Adds everything. */
  add(other: OperationCounters): void {
    this.addCounts(other);
    this.firstByte.addHistogram(other.firstByte);
    this.response.addHistogram(other.response);
  }

  get times(): OperationTimes {
    const { connectNs, generateApartNs, generateNs, retryNs } = this;
    return { connectNs, retryNs, generateNs, generateApartNs };
  }
}
