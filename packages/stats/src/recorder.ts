import { type GetCheck, GET_CHECK_INDEX } from './get-checks.ts';
import {
  BUCKET_COUNT,
  bucketOfLatency,
  HIGHEST_LATENCY_NS,
  LOWEST_LATENCY_NS,
} from './latency-buckets.ts';
import {
  FIRST_BYTE_HISTOGRAMS,
  type RecorderViews,
  recorderViews,
  RESPONSE_HISTOGRAMS,
  slotOf,
} from './recorder-layout.ts';
import { sizeBucketOf } from './size-bucket.ts';

/**
 * Records operations into shared memory: the writing side of one worker thread. A call costs a few
 * tens of nanoseconds, allocates nothing, and what it wrote can be read by other threads at once, even
 * while the writing thread is stuck in a system call.
 *
 * Operations are given by their index in `OPERATIONS`; times are nanoseconds of any one clock.
 */
export class Recorder {
  readonly #views: RecorderViews;

  constructor(memory: SharedArrayBuffer) {
    this.#views = recorderViews(memory);
  }

  /** Notes that an operation began; every `started` is followed by one `succeeded`, `failed`
   * or `cancelled`. */
  started(operation: number): void {
    const { inFlight } = this.#views;
    inFlight[operation] = (inFlight[operation] ?? 0) + 1;
  }

  /**
   * Records a successful operation.
   *
   * @param operation index of the operation
   * @param sizeBytes payload bytes that were moved; decides the size bucket
   * @param intendedNs when the operation should have started: equal to `startNs` in a closed loop
   * @param startNs when its request was handed to the store
   * @param firstByteNs when the first byte of the answer arrived; 0 when the store cannot tell
   * @param endNs when the operation was complete
   */
  succeeded(
    operation: number,
    sizeBytes: number,
    intendedNs: number,
    startNs: number,
    firstByteNs: number,
    endNs: number,
  ): void {
    const { inFlight, slotBytes, slotLatencySumNs, slotOperations } = this.#views;
    const slot = slotOf(operation, sizeBucketOf(sizeBytes));
    slotOperations[slot] = (slotOperations[slot] ?? 0) + 1;
    slotBytes[slot] = (slotBytes[slot] ?? 0) + sizeBytes;
    slotLatencySumNs[slot] = (slotLatencySumNs[slot] ?? 0) + this.#count(slot, endNs - startNs);
    if (firstByteNs > 0) this.#count(FIRST_BYTE_HISTOGRAMS + operation, firstByteNs - startNs);
    if (intendedNs < startNs) this.#count(RESPONSE_HISTOGRAMS + operation, endNs - intendedNs);
    inFlight[operation] = (inFlight[operation] ?? 0) - 1;
  }

  /** Records a failed operation; failures have no latency. */
  failed(operation: number): void {
    const { inFlight, operationErrors } = this.#views;
    operationErrors[operation] = (operationErrors[operation] ?? 0) + 1;
    inFlight[operation] = (inFlight[operation] ?? 0) - 1;
  }

  /** Records failed attempts that were followed by another, or will be; the operation stays in flight. */
  retried(operation: number, attempts: number): void {
    const { operationRetries } = this.#views;
    operationRetries[operation] = (operationRetries[operation] ?? 0) + attempts;
  }

  /**
   * Notes time that an operation spent before its latency begins.
   *
   * @param connectNs waiting for connections to be made
   * @param retryNs from the beginning of its first attempt to that of its last, pauses included
   */
  waited(operation: number, connectNs: number, retryNs: number): void {
    const views = this.#views;
    views.connectNs[operation] = (views.connectNs[operation] ?? 0) + connectNs;
    views.retryNs[operation] = (views.retryNs[operation] ?? 0) + retryNs;
  }

  /**
   * Notes time in which the payload of operations was generated.
   *
   * @param apart whether it is outside the latencies of these operations
   */
  generated(operation: number, generateNs: number, apart: boolean): void {
    const views = this.#views;
    views.generateNs[operation] = (views.generateNs[operation] ?? 0) + generateNs;
    if (!apart) return;
    views.generateApartNs[operation] = (views.generateApartNs[operation] ?? 0) + generateNs;
  }

  /** Notes how far the answer of a GET, right or wrong, was compared with what had been written. */
  checkedGet(check: GetCheck): void {
    const { getChecks } = this.#views;
    const index = GET_CHECK_INDEX[check];
    getChecks[index] = (getChecks[index] ?? 0) + 1;
  }

  /** An operation is no longer in flight, and begins anew later. */
  putOff(operation: number): void {
    const { inFlight } = this.#views;
    inFlight[operation] = (inFlight[operation] ?? 0) - 1;
  }

  /** Records an operation that the end of the stage cut short: neither a success nor an error. */
  cancelled(operation: number): void {
    const { inFlight, operationCancelled } = this.#views;
    operationCancelled[operation] = (operationCancelled[operation] ?? 0) + 1;
    inFlight[operation] = (inFlight[operation] ?? 0) - 1;
  }

  /** Counts a latency in a histogram and returns it as it was counted, clamped to the layout's range. */
  #count(histogram: number, latencyNs: number): number {
    const { clamped, counts, highest, lowest } = this.#views;
    let value = latencyNs;
    if (value < LOWEST_LATENCY_NS || value > HIGHEST_LATENCY_NS) {
      value = value < LOWEST_LATENCY_NS ? LOWEST_LATENCY_NS : HIGHEST_LATENCY_NS;
      clamped[0] = (clamped[0] ?? 0) + 1;
    }
    const bucket = bucketOfLatency(value);
    const index = histogram * BUCKET_COUNT + bucket;
    counts[index] = (counts[index] ?? 0) + 1;
    const low = lowest[histogram] ?? 0;
    if (low === 0 || bucket < low - 1) lowest[histogram] = bucket + 1;
    if (bucket >= (highest[histogram] ?? 0)) highest[histogram] = bucket + 1;
    return value;
  }
}
