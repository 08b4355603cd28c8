import { GET_CHECK_INDEX } from './get-checks.ts';
import { type Operation, OPERATIONS, operationIndex } from './operation.ts';
import { BUCKET_COUNT } from './latency-buckets.ts';
import { SIZE_BUCKET_COUNT } from './size-bucket.ts';

/**
 * Shared memory of one recorder. One worker thread writes, anyone reads; nothing is locked.
 *
 *   Float64  slotBytes[SLOTS]         payload bytes of successful operations
 *            slotLatencySum[SLOTS]    sum of their latencies in ns
 *            connectTime[OPS]         ns that operations waited for connections to be made
 *            retryTime[OPS]           ns from the first attempts to the last ones
 *            generateTime[OPS]        ns in which payloads were generated
 *            generateTimeApart[OPS]   the part of it that is in no latency
 *   Uint32   slotOperations[SLOTS]    how many
 *            operationErrors[OPS]     failed operations
 *            operationCancelled[OPS]  operations stopped by the end of a stage
 *            operationRetries[OPS]    failed attempts that were followed by another
 *            inFlight[OPS]            started and not yet ended
 *            clamped[1]               latencies outside the range of the histograms
 *            getChecks[CHECKS]        GETs by how far their answers were compared with what was written
 *            lowest[HISTOGRAMS]       range of buckets ever touched, as index + 1; 0 is "none"
 *            highest[HISTOGRAMS]
 *            counts[HISTOGRAMS][BUCKET_COUNT]
 *
 * A slot is an operation and a size bucket: nine for GET, nine for PUT, one for each metadata operation.
 * Histograms are one of latency per slot, then one of time to first byte and one of response time
 * (from the intended start) per operation. Every 32-bit number only grows and wraps around, except
 * inFlight: readers take differences modulo 2^32, so they must read at least once per 4 billion operations.
 * Pages that are never touched take no memory.
 */
const SIZED_OPERATIONS = 2;
export const SLOT_COUNT =
  SIZED_OPERATIONS * SIZE_BUCKET_COUNT + OPERATIONS.length - SIZED_OPERATIONS;
export const FIRST_BYTE_HISTOGRAMS = SLOT_COUNT;
export const RESPONSE_HISTOGRAMS = FIRST_BYTE_HISTOGRAMS + OPERATIONS.length;
export const HISTOGRAM_COUNT = RESPONSE_HISTOGRAMS + OPERATIONS.length;
export const CHECK_COUNT = Object.keys(GET_CHECK_INDEX).length;

const FLOAT_BYTES = (2 * SLOT_COUNT + 4 * OPERATIONS.length) * Float64Array.BYTES_PER_ELEMENT;
const WORDS =
  SLOT_COUNT +
  4 * OPERATIONS.length +
  1 +
  CHECK_COUNT +
  2 * HISTOGRAM_COUNT +
  HISTOGRAM_COUNT * BUCKET_COUNT;

/** The parts of a recorder's memory as typed arrays. */
export interface RecorderViews {
  readonly slotBytes: Float64Array;
  readonly slotLatencySumNs: Float64Array;
  readonly connectNs: Float64Array;
  readonly retryNs: Float64Array;
  readonly generateNs: Float64Array;
  readonly generateApartNs: Float64Array;
  readonly slotOperations: Uint32Array;
  readonly operationErrors: Uint32Array;
  readonly operationCancelled: Uint32Array;
  readonly operationRetries: Uint32Array;
  readonly inFlight: Int32Array;
  readonly clamped: Uint32Array;
  readonly getChecks: Uint32Array;
  readonly lowest: Uint32Array;
  readonly highest: Uint32Array;
  readonly counts: Uint32Array;
}

/** Zeroed memory for one recorder: about 4 MB of address space, of which only what is touched is used. */
export function allocateRecorder(): SharedArrayBuffer {
  return new SharedArrayBuffer(FLOAT_BYTES + WORDS * Uint32Array.BYTES_PER_ELEMENT);
}

/** The typed arrays over a recorder's memory. */
export function recorderViews(memory: SharedArrayBuffer): RecorderViews {
  let offset = 0;
  const floats = (length: number): Float64Array => {
    const view = new Float64Array(memory, offset, length);
    offset += view.byteLength;
    return view;
  };
  const words = (length: number): Uint32Array => {
    const view = new Uint32Array(memory, offset, length);
    offset += view.byteLength;
    return view;
  };
  const slotBytes = floats(SLOT_COUNT);
  const slotLatencySumNs = floats(SLOT_COUNT);
  const connectNs = floats(OPERATIONS.length);
  const retryNs = floats(OPERATIONS.length);
  const generateNs = floats(OPERATIONS.length);
  const generateApartNs = floats(OPERATIONS.length);
  const slotOperations = words(SLOT_COUNT);
  const operationErrors = words(OPERATIONS.length);
  const operationCancelled = words(OPERATIONS.length);
  const operationRetries = words(OPERATIONS.length);
  const inFlight = words(OPERATIONS.length);
  return {
    slotBytes,
    slotLatencySumNs,
    connectNs,
    retryNs,
    generateNs,
    generateApartNs,
    slotOperations,
    operationErrors,
    operationCancelled,
    operationRetries,
    inFlight: new Int32Array(memory, inFlight.byteOffset, inFlight.length),
    clamped: words(1),
    getChecks: words(CHECK_COUNT),
    lowest: words(HISTOGRAM_COUNT),
    highest: words(HISTOGRAM_COUNT),
    counts: words(HISTOGRAM_COUNT * BUCKET_COUNT),
  };
}

/** The slot of an operation and size bucket; metadata operations have one slot for all sizes. */
export function slotOf(operation: number, sizeBucket: number): number {
  return operation < SIZED_OPERATIONS
    ? operation * SIZE_BUCKET_COUNT + sizeBucket
    : SIZED_OPERATIONS * SIZE_BUCKET_COUNT + operation - SIZED_OPERATIONS;
}

/** Operation and size bucket of every slot, by slot number. */
export const SLOTS: readonly { readonly operation: Operation; readonly sizeBucket: number }[] =
  OPERATIONS.flatMap((operation) =>
    operationIndex(operation) < SIZED_OPERATIONS
      ? Array.from({ length: SIZE_BUCKET_COUNT }, (_, sizeBucket) => ({ operation, sizeBucket }))
      : [{ operation, sizeBucket: 0 }],
  );
