import { BenchError } from '@sai3bench/errors';
import { BLOCK_BYTES, type Content } from './content.ts';
import { ALIGNMENT_BYTES, instantiateFillKernel, type KernelMemory } from './fill-kernel.ts';
import type { Seed } from './seed.ts';
import { type ContentObject, writeContent } from './write-content.ts';

/**
 * Writes the content of objects into memory, at 30 to 40 GB/s per core for random data.
 *
 * Buffers come from {@link allocate}: they lie in the generator's own memory, where the kernel can write,
 * and are page-aligned, as O_DIRECT needs. One generator serves one thread.
 */
export class PayloadGenerator {
  readonly #memory: KernelMemory;
  #allocated: number;

  /**
   * @param seed decides the pool of random bytes: the same for everyone who reads or writes the data
   * @param capacityBytes how much {@link allocate} can hand out in all
   */
  constructor(seed: Seed, capacityBytes: number) {
    this.#memory = instantiateFillKernel(seed, capacityBytes);
    this.#allocated = this.#memory.free;
  }

  /**
   * A page-aligned buffer of `sizeBytes`, rounded up to whole blocks, that lives as long as the generator.
   *
   * @throws BenchError `DATAGEN_CAPACITY` when the capacity is used up
   */
  allocate(sizeBytes: number): Uint8Array {
    const rounded = Math.ceil(sizeBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    const { memory } = this.#memory;
    if (this.#allocated + rounded > memory.byteLength) {
      throw new BenchError(`no room for a payload buffer of ${String(rounded)} bytes`, {
        code: 'DATAGEN_CAPACITY',
        class: 'internal',
      });
    }
    const buffer = new Uint8Array(memory, this.#allocated, rounded);
    this.#allocated += rounded;
    return buffer;
  }

  /**
   * Writes whole blocks of an object's content, at least `lengthBytes`, to the start of `target`.
   *
   * @param target a buffer from {@link allocate} that holds `lengthBytes` rounded up to whole blocks
   * @param offsetBytes where in the object to begin: a multiple of {@link BLOCK_BYTES}
   */
  fill(
    target: Uint8Array,
    content: Content,
    object: ContentObject,
    offsetBytes: number,
    lengthBytes: number,
  ): void {
    const blocks = Math.ceil(lengthBytes / BLOCK_BYTES);
    const firstBlock = offsetBytes / BLOCK_BYTES;
    writeContent(this.#memory, target.byteOffset, content, object, firstBlock, blocks);
  }
}
