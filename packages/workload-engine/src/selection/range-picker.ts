import { BLOCK_BYTES } from '@sai3bench/datagen';
import type { ByteRange } from '@sai3bench/object-store';
import type { ReadRangePlan } from '@sai3bench/workload-config';
import type { Random } from './random.ts';

/** Chooses which part of an object is read. */
export class RangePicker {
  readonly #range: ReadRangePlan;
  readonly #random: Random;

  constructor(range: ReadRangePlan, random: Random) {
    this.#range = range;
    this.#random = random;
  }

  /**
   * A part that is as long as it is to be, or all of an object that is shorter. At random it begins at any block of 4 KiB or,
   * so that every byte is read now and then, ends where the object does.
   *
   * @param objectBytes length of the object, negative when it is not known: then the part is at its start
   * @returns undefined for an empty object, of which no part can be asked for
   */
  pick(objectBytes: number): ByteRange | undefined {
    const { offset, sizeBytes } = this.#range;
    if (objectBytes === 0) return undefined;
    if (objectBytes < 0) return { offsetBytes: 0, lengthBytes: sizeBytes };
    const lengthBytes = Math.min(sizeBytes, objectBytes);
    if (offset === 'start') return { offsetBytes: 0, lengthBytes };
    const last = objectBytes - lengthBytes;
    const position = this.#random.below(Math.ceil(last / BLOCK_BYTES) + 1);
    return { offsetBytes: Math.min(position * BLOCK_BYTES, last), lengthBytes };
  }
}
