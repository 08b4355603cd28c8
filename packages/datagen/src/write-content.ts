import { BLOCK_BYTES, type Content, dataBytesOfTail, dataBytesPerBlock } from './content.ts';
import { sharedBlock } from './dedup.ts';
import type { KernelMemory } from './fill-kernel.ts';

/** An object as its content sees it: its number within its set, and its size. */
export interface ContentObject {
  readonly index: number;
  readonly sizeBytes: number;
}

/** Writes whole blocks of an object's content to an address in the memory of a kernel. */
export function writeContent(
  memory: KernelMemory,
  address: number,
  content: Content,
  object: ContentObject,
  firstBlock: number,
  blocks: number,
): void {
  const dataBytes = dataBytesPerBlock(content);
  const end = firstBlock + blocks;
  const tail = Math.floor(object.sizeBytes / BLOCK_BYTES);
  if (!hasTail(content, object) || tail < firstBlock || tail >= end) {
    writeBlocks(memory, address, content, object, firstBlock, blocks, dataBytes);
    return;
  }
  const write = (first: number, count: number, bytes: number): void => {
    const target = address + (first - firstBlock) * BLOCK_BYTES;
    writeBlocks(memory, target, content, object, first, count, bytes);
  };
  write(firstBlock, tail - firstBlock, dataBytes);
  write(tail, 1, dataBytesOfTail(content, object.sizeBytes));
  write(tail + 1, end - tail - 1, dataBytes);
}

/** Whether the last block of an object is not whole, and has less data than the others. */
function hasTail({ compressFactor, fill }: Content, { sizeBytes }: ContentObject): boolean {
  return sizeBytes % BLOCK_BYTES > 0 && compressFactor > 1 && fill !== 'zero';
}

function writeBlocks(
  { kernel, pool }: KernelMemory,
  address: number,
  { dedupFactor, dedupGroup, seed }: Content,
  { index, sizeBytes }: ContentObject,
  first: number,
  count: number,
  dataBytes: number,
): void {
  const { low, high } = seed;
  if (dedupFactor === 1 || dedupGroup === undefined || dataBytes === 0) {
    kernel.fillBlocks(address, count, low, high, index, first, dataBytes, pool);
    return;
  }
  for (let n = 0; n < count; n++) {
    const source = sharedBlock(seed, dedupFactor, dedupGroup, index, sizeBytes, first + n);
    const target = address + n * BLOCK_BYTES;
    kernel.fillBlocks(target, 1, low, high, source.object, source.block, dataBytes, pool);
  }
}
