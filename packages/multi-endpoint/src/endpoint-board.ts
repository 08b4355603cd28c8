/**
 * Shared memory about the endpoints of a store: one per agent. Every worker writes it.
 *
 *   Float64  nextProbeNs[1]      the earliest of probeAtNs of those that are out
 *            averageNs[n]        recent latency; 0 when it is not known
 *            averagedAtNs[n]     when that was last brought up to date
 *            probeAtNs[n]        see Breaker
 *            outSinceNs[n]
 *            outBeforeNs[n]
 *   Int32    lock[1]             1 while a worker changes a breaker
 *            outCount[1]         endpoints that are not closed
 *            state[n]            index in BREAKER_STATES
 *            failuresInRow[n]
 *            pauses[n]
 *            (cache line)
 *            inFlight[n]         requests under way, if the strategy asks for them; changed by Atomics.add
 *
 * What is above is read for every request and hardly ever written, so what is written for every request lies apart:
 * a cache line that another core has just written costs more than the choice.
 * Only what belongs to breakers is locked. Averages are written without: that two workers now and then
 * overwrite each other's sample does not matter.
 */
export interface EndpointBoard {
  readonly length: number;
  readonly nextProbeNs: Float64Array;
  readonly averageNs: Float64Array;
  readonly averagedAtNs: Float64Array;
  readonly probeAtNs: Float64Array;
  readonly outSinceNs: Float64Array;
  readonly outBeforeNs: Float64Array;
  readonly lock: Int32Array;
  readonly outCount: Int32Array;
  readonly inFlight: Int32Array;
  readonly state: Int32Array;
  readonly failuresInRow: Int32Array;
  readonly pauses: Int32Array;
}

const FLOAT_COLUMNS = 5;
const WORD_COLUMNS = 4;
const WORDS_ALONE = 2;
/** Two cache lines: processors fetch them in pairs. */
const APART_BYTES = 128;
const { BYTES_PER_ELEMENT: FLOAT_BYTES } = Float64Array;
const { BYTES_PER_ELEMENT: WORD_BYTES } = Int32Array;
const BYTES_ALONE = FLOAT_BYTES + WORDS_ALONE * WORD_BYTES + APART_BYTES;
const BYTES_PER_ENDPOINT = FLOAT_COLUMNS * FLOAT_BYTES + WORD_COLUMNS * WORD_BYTES;

/** Memory for the board of so many endpoints: none are out, nothing is under way. */
export function allocateEndpointBoard(endpointCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(BYTES_ALONE + endpointCount * BYTES_PER_ENDPOINT);
}

/** The typed arrays over a board's memory. */
export function endpointBoard(memory: SharedArrayBuffer): EndpointBoard {
  const length = (memory.byteLength - BYTES_ALONE) / BYTES_PER_ENDPOINT;
  let offset = 0;
  const floats = (count: number): Float64Array => {
    const view = new Float64Array(memory, offset, count);
    offset += view.byteLength;
    return view;
  };
  const words = (count: number): Int32Array => {
    const view = new Int32Array(memory, offset, count);
    offset += view.byteLength;
    return view;
  };
  return {
    length,
    nextProbeNs: floats(1),
    averageNs: floats(length),
    averagedAtNs: floats(length),
    probeAtNs: floats(length),
    outSinceNs: floats(length),
    outBeforeNs: floats(length),
    lock: words(1),
    outCount: words(1),
    state: words(length),
    failuresInRow: words(length),
    pauses: words(length),
    inFlight: new Int32Array(memory, offset + APART_BYTES, length),
  };
}
