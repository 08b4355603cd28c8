import { BLOCK_WORDS } from './state-memory.ts';

/** Words of a packed block: three bits for each of its 64 objects, where memory has four. */
export const PACKED_BLOCK_WORDS = 6;

/** Packs blocks of states: 24 bytes for each. */
export function packBlocks(
  words: Int32Array,
  firstWord: number,
  blocks: number,
  packed: Int32Array,
  firstPacked: number,
): void {
  const end = firstWord + blocks * BLOCK_WORDS;
  for (let from = firstWord, to = firstPacked; from < end; from += 4, to += 3) {
    const a = packWord(words[from] ?? 0);
    const b = packWord(words[from + 1] ?? 0);
    const c = packWord(words[from + 2] ?? 0);
    const d = packWord(words[from + 3] ?? 0);
    packed[to] = a | (b << 24);
    packed[to + 1] = (b >>> 8) | (c << 16);
    packed[to + 2] = (c >>> 16) | (d << 8);
  }
}

/** Reverses {@link packBlocks}. */
export function unpackBlocks(
  packed: Int32Array,
  firstPacked: number,
  blocks: number,
  words: Int32Array,
  firstWord: number,
): void {
  const end = firstWord + blocks * BLOCK_WORDS;
  for (let to = firstWord, from = firstPacked; to < end; to += 4, from += 3) {
    const low = packed[from] ?? 0;
    const middle = packed[from + 1] ?? 0;
    const high = packed[from + 2] ?? 0;
    words[to] = unpackWord(low & 0xff_ffff);
    words[to + 1] = unpackWord((low >>> 24) | ((middle & 0xffff) << 8));
    words[to + 2] = unpackWord((middle >>> 16) | ((high & 0xff) << 16));
    words[to + 3] = unpackWord(high >>> 8);
  }
}

/** Eight objects of four bits, the highest of which is zero, as 24 bits: neighbours are pushed together in three steps. */
function packWord(word: number): number {
  const pairs = (word & 0x0707_0707) | ((word >>> 1) & 0x3838_3838);
  const fours = (pairs & 0x003f_003f) | ((pairs >>> 2) & 0x0fc0_0fc0);
  return (fours & 0x0fff) | ((fours >>> 4) & 0xff_f000);
}

function unpackWord(packed: number): number {
  const fours = (packed & 0x0fff) | ((packed & 0xff_f000) << 4);
  const pairs = (fours & 0x003f_003f) | ((fours & 0x0fc0_0fc0) << 2);
  return (pairs & 0x0707_0707) | ((pairs & 0x3838_3838) << 1);
}
