/** The Castagnoli polynomial, bits reversed (RFC 3720 appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256: table k says what a byte does to the sum k bytes later. */
const TABLES = makeTables();

function makeTables(): Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    return sum;
  });
  const tables = [first];
  for (let previous = first; tables.length < 8;) {
    previous = previous.map((sum) => (sum >>> 8) ^ at(first, sum & 0xff));
    tables.push(previous);
  }
  return tables;
}

function at(table: Int32Array | undefined, index: number): number {
  return table?.[index] ?? 0;
}

/** CRC-32C of bytes, eight at a time ("slicing by 8"). @param before the sum of the bytes before these */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 8);
  let sum = ~before;
  for (let index = 0; index < whole; index += 8) {
    const low = view.getInt32(index, true) ^ sum;
    const high = view.getInt32(index + 4, true);
    sum =
      at(t7, low & 0xff) ^
      at(t6, (low >>> 8) & 0xff) ^
      at(t5, (low >>> 16) & 0xff) ^
      at(t4, low >>> 24) ^
      at(t3, high & 0xff) ^
      at(t2, (high >>> 8) & 0xff) ^
      at(t1, (high >>> 16) & 0xff) ^
      at(t0, high >>> 24);
  }
  for (let index = whole; index < bytes.length; index++) {
    sum = (sum >>> 8) ^ at(t0, (sum ^ view.getUint8(index)) & 0xff);
  }
  return ~sum >>> 0;
}
