import { GET_CHECK_INDEX } from './get-checks.ts';
import { BUCKET_COUNT } from './latency-buckets.ts';
import { OPERATIONS } from './operation.ts';
import {
  CHECK_COUNT,
  FIRST_BYTE_HISTOGRAMS,
  HISTOGRAM_COUNT,
  type RecorderViews,
  recorderViews,
  RESPONSE_HISTOGRAMS,
  SLOT_COUNT,
  SLOTS,
} from './recorder-layout.ts';
import { SparseCountsWriter } from './sparse-counts.ts';
import type { OperationDelta, OperationTimes, SlotDelta, StatsDelta } from './stats-delta.ts';

/**
 * The reading side of a recorder's shared memory: hands out what was recorded since the last call.
 *
 * A sample that is being written while it is read may appear half in this delta and half in the next;
 * nothing is lost or counted twice, so the deltas always add up to what was recorded. Read for the last
 * time after the writing thread has ended or stopped recording.
 */
export class RecorderReader {
  readonly #views: RecorderViews;
  readonly #seenBytes = new Float64Array(SLOT_COUNT);
  readonly #seenLatencySumNs = new Float64Array(SLOT_COUNT);
  readonly #seenOperations = new Uint32Array(SLOT_COUNT);
  readonly #seenErrors = new Uint32Array(OPERATIONS.length);
  readonly #seenCancelled = new Uint32Array(OPERATIONS.length);
  readonly #seenRetries = new Uint32Array(OPERATIONS.length);
  readonly #seenTimes = {
    connectNs: new Float64Array(OPERATIONS.length),
    retryNs: new Float64Array(OPERATIONS.length),
    generateNs: new Float64Array(OPERATIONS.length),
    generateApartNs: new Float64Array(OPERATIONS.length),
  };
  readonly #seenClamped = new Uint32Array(1);
  readonly #seenChecks = new Uint32Array(CHECK_COUNT);
  readonly #seenCounts: (Uint32Array | undefined)[] = new Array<Uint32Array | undefined>(
    HISTOGRAM_COUNT,
  );
  readonly #writer = new SparseCountsWriter();

  constructor(memory: SharedArrayBuffer) {
    this.#views = recorderViews(memory);
  }

  /** Operations that have started and not ended, by index in `OPERATIONS`. */
  inFlight(): number[] {
    return Array.from(this.#views.inFlight, (count) => Math.max(0, count));
  }

  /** Everything recorded since the last call. */
  takeDelta(): StatsDelta {
    const checks = (index: number): number =>
      advance(this.#seenChecks, this.#views.getChecks, index);
    return {
      slots: SLOTS.flatMap((_, slot) => this.#slotDelta(slot)),
      operations: OPERATIONS.flatMap((_, operation) => this.#operationDelta(operation)),
      clamped: advance(this.#seenClamped, this.#views.clamped, 0),
      getChecks: {
        content: checks(GET_CHECK_INDEX.content),
        length: checks(GET_CHECK_INDEX.length),
        none: checks(GET_CHECK_INDEX.none),
      },
    };
  }

  #slotDelta(slot: number): SlotDelta[] {
    const views = this.#views;
    const operations = advance(this.#seenOperations, views.slotOperations, slot);
    const bytes = advanceSum(this.#seenBytes, views.slotBytes, slot);
    const latencySumNs = advanceSum(this.#seenLatencySumNs, views.slotLatencySumNs, slot);
    const latency = this.#histogramDelta(slot);
    const kind = SLOTS[slot];
    const isEmpty = operations === 0 && bytes === 0 && latencySumNs === 0 && latency.length === 0;
    if (kind === undefined || isEmpty) return [];
    return [{ ...kind, operations, bytes, latencySumNs, latency }];
  }

  #operationDelta(index: number): OperationDelta[] {
    const operation = OPERATIONS[index];
    const errors = advance(this.#seenErrors, this.#views.operationErrors, index);
    const cancelled = advance(this.#seenCancelled, this.#views.operationCancelled, index);
    const retries = advance(this.#seenRetries, this.#views.operationRetries, index);
    const firstByte = this.#histogramDelta(FIRST_BYTE_HISTOGRAMS + index);
    const response = this.#histogramDelta(RESPONSE_HISTOGRAMS + index);
    const times = this.#timesDelta(index);
    const spent = times.connectNs + times.retryNs + times.generateNs;
    if (operation === undefined) return [];
    const counted = errors + cancelled + retries + firstByte.length + response.length;
    if (counted === 0 && spent === 0) return [];
    return [{ operation, errors, cancelled, retries, ...times, firstByte, response }];
  }

  #timesDelta(index: number): OperationTimes {
    const views = this.#views;
    const seen = this.#seenTimes;
    return {
      connectNs: advanceSum(seen.connectNs, views.connectNs, index),
      retryNs: advanceSum(seen.retryNs, views.retryNs, index),
      generateNs: advanceSum(seen.generateNs, views.generateNs, index),
      generateApartNs: advanceSum(seen.generateApartNs, views.generateApartNs, index),
    };
  }

  #histogramDelta(histogram: number): Uint8Array {
    const { counts, highest, lowest } = this.#views;
    const from = (lowest[histogram] ?? 0) - 1;
    const to = highest[histogram] ?? 0;
    if (from < 0) return this.#writer.take();
    const seen = (this.#seenCounts[histogram] ??= new Uint32Array(BUCKET_COUNT));
    const base = histogram * BUCKET_COUNT;
    for (let bucket = from; bucket < to; bucket++) {
      const now = counts[base + bucket] ?? 0;
      const before = seen[bucket] ?? 0;
      if (now === before) continue;
      seen[bucket] = now;
      this.#writer.push(bucket, (now - before) >>> 0);
    }
    return this.#writer.take();
  }
}

/** Growth of a wrapping 32-bit counter since it was last seen. */
function advance(seen: Uint32Array, current: Uint32Array, index: number): number {
  const now = current[index] ?? 0;
  const before = seen[index] ?? 0;
  seen[index] = now;
  return (now - before) >>> 0;
}

/** Growth of a sum since it was last seen. Sums of whole numbers stay exact up to 2^53. */
function advanceSum(seen: Float64Array, current: Float64Array, index: number): number {
  const now = current[index] ?? 0;
  const before = seen[index] ?? 0;
  seen[index] = now;
  return now - before;
}
