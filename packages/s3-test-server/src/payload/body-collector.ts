/** Takes the body of a request as it comes. */
export interface BodyCollector {
  /** Bytes so far. */
  readonly length: number;
  add(piece: Buffer): void;
  /** The body in one buffer; empty where it was only counted. */
  take(): Buffer;
}

/** Counts and forgets. */
export class BodyCounter implements BodyCollector {
  length = 0;

  add(piece: Buffer): void {
    this.length += piece.length;
  }

  take(): Buffer {
    return Buffer.alloc(0);
  }
}

/** Copies into one buffer of the announced length. */
export class SizedCollector implements BodyCollector {
  readonly #bytes: Buffer;
  length = 0;

  constructor(contentLength: number) {
    // Not from the pool: an object lives for long, and would keep its neighbours alive.
    this.#bytes = Buffer.allocUnsafeSlow(contentLength);
  }

  add(piece: Buffer): void {
    piece.copy(this.#bytes, this.length);
    this.length += piece.length;
  }

  take(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }
}

/** Collects a body of a length that only its end tells. */
export class GrowingCollector implements BodyCollector {
  readonly #pieces: Buffer[] = [];
  readonly #maxBytes: number;
  length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(piece: Buffer): void {
    this.length += piece.length;
    if (this.length <= this.#maxBytes) this.#pieces.push(Buffer.from(piece));
  }

  take(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
