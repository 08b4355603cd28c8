import { BLOCK_BYTES, type Content, dataBytesPerBlock } from './content.ts';
import { sharedBlock } from './dedup.ts';
import type { KernelMemory } from './fill-kernel.ts';

/** An object as its content sees it: its number within its set, and its size. */
export interface ContentObject {
  readonly index: number;
  readonly sizeBytes: number;
}

/** Writes whole blocks of an object's content to an address in the memory of a kernel. */
export function writeContent(
  { kernel, pool }: KernelMemory,
  address: number,
  content: Content,
  { index, sizeBytes }: ContentObject,
  firstBlock: number,
  blocks: number,
): void {
  const dataBytes = dataBytesPerBlock(content);
  const { dedupFactor, dedupGroup, seed } = content;
  const { low, high } = seed;
  if (dedupFactor === 1 || dedupGroup === undefined || dataBytes === 0) {
    kernel.fillBlocks(address, blocks, low, high, index, firstBlock, dataBytes, pool);
    return;
  }
  for (let n = 0; n < blocks; n++) {
    const source = sharedBlock(seed, dedupFactor, dedupGroup, index, sizeBytes, firstBlock + n);
    const target = address + n * BLOCK_BYTES;
    kernel.fillBlocks(target, 1, low, high, source.object, source.block, dataBytes, pool);
  }
}
