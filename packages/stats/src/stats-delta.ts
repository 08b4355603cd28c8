import type { GetChecks } from './get-checks.ts';
import type { Operation } from './operation.ts';

/** Successful operations of one kind and size bucket. */
export interface SlotDelta {
  readonly operation: Operation;
  readonly sizeBucket: number;
  readonly operations: number;
  readonly bytes: number;
  readonly latencySumNs: number;
  /** Sparse counts of service latency: from handing over the request to its completion. */
  readonly latency: Uint8Array;
}

/** Time that operations of one kind took beside their latency, successes and failures together. */
export interface OperationTimes {
  /** Waiting for connections to be made. */
  readonly connectNs: number;
  /** From the beginning of first attempts to that of last ones, pauses included. */
  readonly retryNs: number;
  /** Generating payloads. */
  readonly generateNs: number;
  /** The part of it that is in no latency. */
  readonly generateApartNs: number;
}

/** What is counted per operation whatever the size. */
export interface OperationDelta extends OperationTimes {
  readonly operation: Operation;
  readonly errors: number;
  readonly cancelled: number;
  /** Failed attempts that were followed by another. */
  readonly retries: number;
  /** Sparse counts of the time to the first byte of the answer. */
  readonly firstByte: Uint8Array;
  /** Sparse counts of response time: from the intended start; only of operations that started late. */
  readonly response: Uint8Array;
}

/** What happened in some span of time, as plain data: for messages between threads and machines. */
export interface StatsDelta {
  readonly slots: readonly SlotDelta[];
  readonly operations: readonly OperationDelta[];
  /** Latencies outside the range of the histograms, counted at its edge. */
  readonly clamped: number;
  readonly getChecks: GetChecks;
}
