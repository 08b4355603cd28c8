import { crc32 } from 'node:zlib';

/** Of a value, and the key that it stands under. */
export function checksumOfText(key: string, json: string): number {
  return crc32(json, crc32(`${key}:`));
}

/** Of a segment, with what says where it belongs and how new it is. */
export function checksumOfSegment(
  id: number,
  sequence: number,
  code: number | undefined,
  unsynced: Uint8Array,
  packed: Uint8Array,
): number {
  const head = crc32(`${String(id)}:${String(sequence)}:${String(code)}`);
  return checksumOf(packed, checksumOf(unsynced, head));
}

/** Of records of a log, with what says which log it is and how new they are. */
export function checksumOfLog(
  piece: number,
  fold: number,
  sequence: number,
  records: Uint8Array,
): number {
  return checksumOf(records, crc32(`${String(piece)}:${String(fold)}:${String(sequence)}`));
}

/** Node.js 22 begins anew at an empty value that SQLite has returned. */
function checksumOf(bytes: Uint8Array, before: number): number {
  return bytes.length === 0 ? before : crc32(bytes, before);
}
