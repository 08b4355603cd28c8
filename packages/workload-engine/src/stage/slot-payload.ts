import type { Content, ContentObject, PayloadGenerator } from '@sai3bench/datagen';
import type { PayloadSource } from '@sai3bench/object-store';

/** The payload of one slot's PUTs: generated piece by piece into a buffer that the slot keeps. */
export class SlotPayload implements PayloadSource {
  /** The generator's buffers are. */
  readonly aligned = true;
  readonly #generator: PayloadGenerator;
  readonly #buffer: Uint8Array;
  #view: Uint8Array;
  #content: Content | undefined;
  #object: ContentObject = { index: 0, sizeBytes: 0 };

  constructor(generator: PayloadGenerator, bufferBytes: number) {
    this.#generator = generator;
    this.#buffer = generator.allocate(bufferBytes);
    this.#view = this.#buffer;
  }

  /** Chooses the object whose bytes {@link chunk} yields. */
  select(content: Content, object: ContentObject): void {
    this.#content = content;
    this.#object = object;
  }

  chunk(offsetBytes: number, lengthBytes: number): Uint8Array {
    if (this.#content !== undefined) {
      this.#generator.fill(this.#buffer, this.#content, this.#object, offsetBytes, lengthBytes);
    }
    // Views are objects: one is kept as long as the length stays the same.
    if (this.#view.length !== lengthBytes) this.#view = this.#buffer.subarray(0, lengthBytes);
    return this.#view;
  }
}
