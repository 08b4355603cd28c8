import type { Checksum } from './checksum.ts';

/** The polynomial of Castagnoli, bits reversed (RFC 3720 appendix B.4). */
const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

/** Table k: what a byte does to the sum when k more bytes follow it. */
const TABLES: readonly Int32Array[] = makeTables();

function makeTables(): Int32Array[] {
  const tables = Array.from({ length: SLICES }, () => new Int32Array(256));
  const [first = new Int32Array(256)] = tables;
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    first[byte] = sum;
  }
  for (let k = 1; k < SLICES; k++) {
    const [table, before] = [tables[k], tables[k - 1]];
    if (table === undefined || before === undefined) continue;
    for (let byte = 0; byte < 256; byte++) {
      const sum = before[byte] ?? 0;
      table[byte] = (sum >>> 8) ^ (first[sum & 0xff] ?? 0);
    }
  }
  return tables;
}

const EMPTY = new Int32Array(256);
const [
  T0 = EMPTY,
  T1 = EMPTY,
  T2 = EMPTY,
  T3 = EMPTY,
  T4 = EMPTY,
  T5 = EMPTY,
  T6 = EMPTY,
  T7 = EMPTY,
] = TABLES;

/** CRC-32C, eight bytes a step ("slicing by 8", Kounavis and Berry 2005). */
export class Crc32c implements Checksum {
  #sum = -1;

  update(piece: Uint8Array): void {
    let sum = this.#sum;
    let i = 0;
    const at = (table: Int32Array, index: number): number => table[index & 0xff] ?? 0;
    for (; i + SLICES <= piece.length; i += SLICES) {
      const low = sum ^ word(piece, i);
      const high = word(piece, i + 4);
      sum =
        at(T7, low) ^
        at(T6, low >>> 8) ^
        at(T5, low >>> 16) ^
        at(T4, low >>> 24) ^
        at(T3, high) ^
        at(T2, high >>> 8) ^
        at(T1, high >>> 16) ^
        at(T0, high >>> 24);
    }
    for (; i < piece.length; i++) sum = (sum >>> 8) ^ at(T0, sum ^ (piece[i] ?? 0));
    this.#sum = sum;
  }

  digest(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(~this.#sum);
    return bytes.toString('base64');
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
