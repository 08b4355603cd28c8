import type { BenchError } from '@sai3bench/errors';

/** What a store can be asked to do. */
export type StoreOperation = 'GET' | 'PUT' | 'DELETE' | 'STAT' | 'LIST' | 'MKDIR' | 'RMDIR';

/** Where the bytes of a PUT come from. */
export interface PayloadSource {
  /** Whether every chunk begins at a page boundary, as O_DIRECT needs; others are copied for it. */
  readonly aligned?: boolean;

  /** How many chunks, the last ones, are valid at once: 1 when it is not given. */
  readonly chunksKept?: number;

  /**
   * The bytes from `offsetBytes` on, exactly `lengthBytes` of them. They stay valid until {@link chunksKept}
   * more calls, or the end of the request.
   *
   * @param offsetBytes a multiple of 4096; chunks are asked for in order
   * @param lengthBytes at most the `chunkBytes` that the store was opened with
   */
  chunk(offsetBytes: number, lengthBytes: number): Uint8Array;

  /**
   * A source of the same bytes, offsets included, whose chunks stay as they are whatever others are asked for: for
   * parts of an object that are sent side by side. Where there is none, they are sent one after the other.
   *
   * @param lane 0, 1 and so on; each is in use once at a time
   */
  lane?(lane: number): PayloadSource;
}

/** A part of an object. */
export interface ByteRange {
  readonly offsetBytes: number;
  /** At least 1. */
  readonly lengthBytes: number;
}

/** An object that a LIST found. */
export interface ListEntry {
  /** Relative to the store's address. */
  readonly key: string;
  readonly sizeBytes: number;
}

/**
 * One operation on a store, before, while and after it runs. Owners reuse requests: the fields of the
 * question are set before {@link ObjectStore.submit}, those of the answer are read when
 * {@link onComplete} is called.
 */
export class StoreRequest {
  // The question.
  operation: StoreOperation = 'GET';
  /** Relative to the store's address; for LIST the prefix. */
  key = '';
  /** PUT: length of the payload. GET: length that is expected, of a range that of the range, or -1 when it is not known. */
  sizeBytes = -1;
  /** PUT: the payload. */
  payload: PayloadSource | undefined = undefined;
  /**
   * GET: called with each piece of the object, or of its range, in order, and where in it that begins; pieces are valid
   * only during the call.
   */
  onData: ((piece: Uint8Array, offsetBytes: number) => void) | undefined = undefined;
  /** GET: the part that is wanted; undefined for the whole object. An object that ends within it has less. */
  range: ByteRange | undefined = undefined;
  /** RMDIR: whether what is in the directory is removed with it; otherwise only an empty one is. */
  recursive = false;
  /** LIST: called for each object found. */
  onEntry: ((entry: ListEntry) => void) | undefined = undefined;
  /** LIST over S3: pages whose error may pass are asked for again, whatever the store's retries are. Not to be measured. */
  patient = false;

  // The answer. Times are nanoseconds of the store's clock.
  /** When the request, or its last attempt, was handed to the system, after its first payload was generated. */
  startNs = 0;
  /** When the first byte of the answer arrived, 0 when the store cannot tell. */
  firstByteNs = 0;
  endNs = 0;
  /** Payload bytes that were moved; STAT: the object's length. */
  bytes = 0;
  /** LIST: objects found. */
  entries = 0;
  /** How long the operation waited for connections to be made, before `startNs`. */
  connectNs = 0;
  /** Attempts that failed and were followed by another. */
  retries = 0;
  /** From the beginning of the first attempt to that of the last, back-off included: not part of the service time. */
  retryNs = 0;
  error: BenchError | undefined = undefined;

  /** Called once per submission, perhaps before `submit` returns. */
  readonly onComplete: (request: StoreRequest) => void;

  constructor(onComplete: (request: StoreRequest) => void) {
    this.onComplete = onComplete;
  }
}
