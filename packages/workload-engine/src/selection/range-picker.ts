import { BLOCK_BYTES, type Dataset } from '@sai3bench/datagen';
import type { ByteRange } from '@sai3bench/object-store';
import type { ReadRangePlan } from '@sai3bench/workload-config/plan';
import type { Slot } from '../stage/slot.ts';
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
   * Makes a GET of a whole object one of a part of it.
   *
   * @param dataset that the object belongs to: what somebody else has made there is probably as long as it would be
   */
  narrow(slot: Slot, dataset: Dataset | undefined): void {
    const { expectedBytes, object, request } = slot;
    const isKnown = expectedBytes >= 0;
    request.range = this.pick(isKnown ? expectedBytes : (dataset?.sizeOf(object) ?? -1));
    if (!isKnown || request.range === undefined) return;
    slot.expectedBytes = request.range.lengthBytes;
    request.sizeBytes = slot.expectedBytes;
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
