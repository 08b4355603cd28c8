import { compareKeys } from './compare-keys.ts';

/** A block with more keys than this is split in two. */
const MAX_BLOCK = 512;

/**
 * A set of keys in the order of listings. Adding, removing and seeking touch one block:
 *
 *     blocks: [ [a, b, c] [d, e] [f, g, h, i] ]      no block is empty; each key is less than all in the next block
 */
export class SortedKeys {
  readonly #blocks: string[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param key that is not in the set */
  add(key: string): void {
    this.#size++;
    const last = this.#blocks.at(-1);
    if (last === undefined) {
      this.#blocks.push([key]);
      return;
    }
    const isBefore = (each: string): boolean => compareKeys(each, key) < 0;
    const found = this.#firstBlock(isBefore);
    const index = Math.min(found, this.#blocks.length - 1);
    const block = this.#blocks[index] ?? last;
    block.splice(found > index ? block.length : firstIndex(block, isBefore), 0, key);
    if (block.length <= MAX_BLOCK) return;
    // Keys that come in order leave full blocks behind them.
    const keep = found > index ? MAX_BLOCK : MAX_BLOCK / 2;
    this.#blocks.splice(index + 1, 0, block.splice(keep));
  }

  /** @param key that is in the set */
  remove(key: string): void {
    const isBefore = (each: string): boolean => compareKeys(each, key) < 0;
    const index = this.#firstBlock(isBefore);
    const block = this.#blocks[index];
    const at = block === undefined ? -1 : firstIndex(block, isBefore);
    if (block?.[at] !== key) return;
    this.#size--;
    block.splice(at, 1);
    if (block.length === 0) this.#blocks.splice(index, 1);
  }

  /**
   * The keys from the first for which `isBefore` is false, in order. `isBefore` must be true for the first keys and
   * false for all others. The set is not to be changed meanwhile.
   */
  *from(isBefore: (key: string) => boolean): Generator<string, void, undefined> {
    let index = this.#firstBlock(isBefore);
    let at = firstIndex(this.#blocks[index] ?? [], isBefore);
    for (;;) {
      const block = this.#blocks[index];
      if (block === undefined) return;
      for (; at < block.length; at++) yield block[at] ?? '';
      index++;
      at = 0;
    }
  }

  /** Index of the first block whose last key is not before. */
  #firstBlock(isBefore: (key: string) => boolean): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#blocks[middle]?.at(-1) ?? '')) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Index of the first key that is not before. */
function firstIndex(keys: readonly string[], isBefore: (key: string) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(keys[middle] ?? '')) low = middle + 1;
    else high = middle;
  }
  return low;
}
