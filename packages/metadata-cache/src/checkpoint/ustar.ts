/**
 * The header block of a file in a tar archive (POSIX ustar): fields of text and octal numbers in 512 bytes, and a sum
 * over all bytes. Only regular files with short names are written, and nothing else is read.
 */
export const TAR_BLOCK_BYTES = 512;
/** An archive ends with two empty blocks. */
export const TAR_END = new Uint8Array(2 * TAR_BLOCK_BYTES);

const NAME = { begin: 0, end: 100 };
const MODE = { begin: 100, end: 108 };
const SIZE = { begin: 124, end: 136 };
const TIME = { begin: 136, end: 148 };
const SUM = { begin: 148, end: 156 };
const TYPE = 156;
const MAGIC = { begin: 257, end: 265 };
const REGULAR = 0x30;
const SPACE = 0x20;

/** A file in an archive. */
export interface TarMember {
  readonly name: string;
  readonly sizeBytes: number;
}

/** Encodes a header; `modifiedS` is in seconds since the epoch. */
export function encodeTarHeader({ name, sizeBytes }: TarMember, modifiedS: number): Uint8Array {
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  block.write(name, NAME.begin, 'latin1');
  block.write('0000644\0', MODE.begin, 'latin1');
  block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, SIZE.begin, 'latin1');
  block.write(`${Math.floor(modifiedS).toString(8).padStart(11, '0')}\0`, TIME.begin, 'latin1');
  block[TYPE] = REGULAR;
  block.write('ustar\u000000', MAGIC.begin, 'latin1');
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, SUM.begin, 'latin1');
  return block;
}

/** Decodes a header; undefined when it is none of a regular file. */
export function decodeTarHeader(bytes: Uint8Array): TarMember | undefined {
  const block = Buffer.from(bytes);
  const text = ({ begin, end }: { begin: number; end: number }): string =>
    block.toString('latin1', begin, end).replace(/[\0 ].*$/s, '');
  const size = text(SIZE);
  const isHeader =
    block.length === TAR_BLOCK_BYTES &&
    text(MAGIC) === 'ustar' &&
    block[TYPE] === REGULAR &&
    Number.parseInt(text(SUM), 8) === sumOf(block) &&
    /^[0-7]+$/.test(size);
  return isHeader ? { name: text(NAME), sizeBytes: Number.parseInt(size, 8) } : undefined;
}

/** Zeros that follow a file's content, up to the next block. */
export function tarPaddingBytes(sizeBytes: number): number {
  return (TAR_BLOCK_BYTES - (sizeBytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

/** The sum of all bytes, with the field of the sum taken as spaces. */
function sumOf(block: Uint8Array): number {
  return block.reduce(
    (sum, byte, index) => sum + (index >= SUM.begin && index < SUM.end ? SPACE : byte),
    0,
  );
}
