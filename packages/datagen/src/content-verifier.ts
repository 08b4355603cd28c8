import { BLOCK_BYTES, type Content } from './content.ts';
import { instantiateFillKernel, type KernelMemory } from './fill-kernel.ts';
import type { Seed } from './seed.ts';
import { type ContentObject, writeContent } from './write-content.ts';

/** So much is compared at once: both sides stay in the cache of the core. */
const PIECE_BYTES = 64 * 1024;

/**
 * Tells whether bytes are what an object contains, knowing only seeds, the object's number and the bytes' offset. It
 * makes what should be there and compares: at several GB/s per core. One verifier serves one thread.
 */
export class ContentVerifier {
  readonly #memory: KernelMemory;
  readonly #actual: Uint8Array;
  readonly #expectedAddress: number;

  /** @param seed the one that the data's {@link PayloadGenerator} had */
  constructor(seed: Seed) {
    // The expected bytes begin at a block, the actual ones perhaps within it.
    this.#memory = instantiateFillKernel(seed, 2 * PIECE_BYTES + BLOCK_BYTES);
    this.#actual = new Uint8Array(this.#memory.memory, this.#memory.free, PIECE_BYTES);
    this.#expectedAddress = this.#memory.free + PIECE_BYTES;
  }

  /**
   * Where in `data` the first byte is that the object does not have at this place; -1 when all are right. Bytes beyond
   * the object's size are compared with how its last block would go on.
   *
   * @param offsetBytes where in the object `data` begins: any whole number
   */
  firstDifference(
    data: Uint8Array,
    content: Content,
    object: ContentObject,
    offsetBytes: number,
  ): number {
    for (let at = 0; at < data.length; at += PIECE_BYTES) {
      const bytes = Math.min(PIECE_BYTES, data.length - at);
      const difference = this.#inPiece(
        data.subarray(at, at + bytes),
        content,
        object,
        offsetBytes + at,
      );
      if (difference >= 0) return at + difference;
    }
    return -1;
  }

  #inPiece(
    piece: Uint8Array,
    content: Content,
    object: ContentObject,
    offsetBytes: number,
  ): number {
    const skipped = offsetBytes % BLOCK_BYTES;
    const firstBlock = (offsetBytes - skipped) / BLOCK_BYTES;
    const blocks = Math.ceil((skipped + piece.length) / BLOCK_BYTES);
    this.#actual.set(piece);
    writeContent(this.#memory, this.#expectedAddress, content, object, firstBlock, blocks);
    const { kernel } = this.#memory;
    return kernel.firstDifference(
      this.#actual.byteOffset,
      this.#expectedAddress + skipped,
      piece.length,
    );
  }
}
