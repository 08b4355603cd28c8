import type { Content, ContentObject, ContentVerifier } from '@sai3bench/datagen';
import { BenchError } from '@sai3bench/errors';
import type { StoreRequest } from '@sai3bench/object-store';

/** Of a sample, each so-manyth GET of a slot is checked. */
const SAMPLED = 16;

const NO_CONTENT: Content = {
  fill: 'zero',
  seed: { low: 0, high: 0 },
  compressFactor: 1,
  dedupFactor: 1,
};

/** Compares what the GETs of one slot return with what was written. */
export class ContentCheck {
  readonly #verifier: ContentVerifier | undefined;
  /** 0: only where all is asked for. */
  readonly #every: number;
  #turn = 0;
  #comparing = false;
  /** The request that is compared. */
  #request: StoreRequest | undefined;
  #content = NO_CONTENT;
  #object: ContentObject = { index: 0, sizeBytes: 0 };
  #comparedBytes = 0;
  #wrongAt = -1;

  /** @param verifier undefined to compare nothing */
  constructor(verifier: ContentVerifier | undefined, level: 'length' | 'sample' | 'full') {
    this.#verifier = verifier;
    this.#every = { length: 0, sample: SAMPLED, full: 1 }[level];
  }

  /** Nothing is known of what the next request returns. */
  skip(request: StoreRequest): void {
    request.onData = undefined;
    this.#comparing = false;
    this.startAgain();
  }

  /** The request is sent again: what came of it before does not count. */
  startAgain(): void {
    this.#comparedBytes = 0;
    this.#wrongAt = -1;
  }

  /** Has the next GET compared with what an object must contain, if it is its turn. */
  expect(request: StoreRequest, content: Content, object: ContentObject): void {
    this.skip(request);
    if (this.#every > 0 && this.#turn++ % this.#every === 0) this.compare(request, content, object);
  }

  /** Has the next GET compared, whatever the level is. */
  compare(request: StoreRequest, content: Content, object: ContentObject): void {
    this.skip(request);
    if (this.#verifier === undefined) return;
    this.#content = content;
    this.#object = object;
    this.#request = request;
    this.#comparing = true;
    request.onData = this.#compare;
  }

  /** Whether all that was returned has been compared; never where a store keeps it to itself. */
  hasCompared({ bytes }: StoreRequest): boolean {
    return this.#comparing && this.#comparedBytes === bytes;
  }

  /** What was wrong with the answer. */
  error({ key }: StoreRequest): BenchError | undefined {
    if (this.#wrongAt < 0) return undefined;
    return new BenchError(
      `GET ${key} returned other data than was written, first at byte ${String(this.#wrongAt)}`,
      {
        code: 'INTEGRITY_CONTENT',
        class: 'integrity',
        key,
        hint: 'the storage returned wrong data, or the object was replaced since prepare: look for another writer',
      },
    );
  }

  readonly #compare = (piece: Uint8Array, offsetBytes: number): void => {
    this.#comparedBytes += piece.length;
    if (this.#wrongAt >= 0 || this.#verifier === undefined) return;
    const from = (this.#request?.range?.offsetBytes ?? 0) + offsetBytes;
    const at = this.#verifier.firstDifference(piece, this.#content, this.#object, from);
    if (at >= 0) this.#wrongAt = from + at;
  };
}
