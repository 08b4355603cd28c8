import type { Content, ContentObject, PayloadGenerator } from '@sai3bench/datagen';
import type { PayloadSource } from '@sai3bench/object-store';
import type { GenerateMeter } from './generate-meter.ts';

/**
 * The payload of one slot's PUTs: generated piece by piece into buffers that the slot keeps, in turn. Objects that are
 * sent in parts side by side have as many lanes, each with a buffer of its own.
 */
export class SlotPayload implements PayloadSource {
  /** The generator's buffers are. */
  readonly aligned = true;
  /** A piece stays as it is until its buffer's turn comes again. */
  readonly chunksKept: number;
  readonly #generator: PayloadGenerator;
  readonly #meter: GenerateMeter;
  readonly #buffers: readonly Uint8Array[];
  readonly #views: Uint8Array[];
  /** All lanes but the first, which is this source itself. */
  readonly #lanes: readonly SlotPayload[];
  #turn = 0;
  #content: Content | undefined;
  #object: ContentObject = { index: 0, sizeBytes: 0 };

  constructor(
    generator: PayloadGenerator,
    bufferBytes: number,
    meter: GenerateMeter,
    buffers = 1,
    lanes = 1,
  ) {
    this.#generator = generator;
    this.#meter = meter;
    this.chunksKept = buffers;
    this.#buffers = Array.from({ length: buffers }, () => generator.allocate(bufferBytes));
    this.#views = [...this.#buffers];
    this.#lanes = Array.from(
      { length: lanes - 1 },
      () => new SlotPayload(generator, bufferBytes, meter),
    );
  }

  lane(lane: number): SlotPayload {
    if (lane === 0) return this;
    const other = this.#lanes[lane - 1];
    if (other === undefined) throw new RangeError(`there is no lane ${String(lane)}`);
    if (this.#content !== undefined) other.select(this.#content, this.#object);
    return other;
  }

  /** Chooses the object whose bytes {@link chunk} yields. */
  select(content: Content, object: ContentObject): void {
    this.#content = content;
    this.#object = object;
  }

  chunk(offsetBytes: number, lengthBytes: number): Uint8Array {
    const turn = this.#turn;
    this.#turn = turn + 1 === this.chunksKept ? 0 : turn + 1;
    const buffer = this.#buffers[turn] ?? new Uint8Array();
    if (this.#content !== undefined) {
      this.#generate(buffer, this.#content, offsetBytes, lengthBytes);
    }
    const view = this.#views[turn];
    // Views are objects: one is kept as long as the length stays the same.
    if (view?.length === lengthBytes) return view;
    return (this.#views[turn] = buffer.subarray(0, lengthBytes));
  }

  #generate(buffer: Uint8Array, content: Content, offsetBytes: number, lengthBytes: number): void {
    const meter = this.#meter;
    const weight = meter.weightOf(lengthBytes);
    const startNs = weight === 0 ? 0 : meter.nowNs();
    this.#generator.fill(buffer, content, this.#object, offsetBytes, lengthBytes);
    if (weight > 0) meter.measured(meter.nowNs() - startNs, weight, offsetBytes === 0);
  }
}
