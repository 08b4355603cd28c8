import { FILL_KERNEL_BASE64 } from './gen/fill-kernel.ts';
import type { Seed } from './seed.ts';

const WASM_PAGE_BYTES = 65_536;
/** 2^16 positions, 16 bytes apart, from each of which 512 bytes can be read. */
const POOL_BYTES = 2 ** 20 + 512;
const POOL_ADDRESS = 0;
/** What O_DIRECT asks of buffers. */
export const ALIGNMENT_BYTES = 4096;
/** Where memory is free, behind the pool. */
const FREE_ADDRESS = Math.ceil(POOL_BYTES / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;

/** The functions of wasm/fill-kernel.wat; all addresses and lengths are bytes within its memory. */
export interface FillKernel {
  fillPool(pool: number, bytes: number, seedLow: number, seedHigh: number): void;
  fillBlocks(
    target: number,
    blocks: number,
    seedLow: number,
    seedHigh: number,
    object: number,
    firstBlock: number,
    dataBytes: number,
    pool: number,
  ): void;
  /** Offset of the first byte that differs, -1 when there is none. */
  firstDifference(a: number, b: number, bytes: number): number;
}

/** A kernel whose pool is filled, and its memory. */
export interface KernelMemory {
  readonly kernel: FillKernel;
  readonly memory: ArrayBuffer;
  /** Address of the pool of random bytes. */
  readonly pool: number;
  /** Address, page-aligned, from which on memory is free. */
  readonly free: number;
}

/** The parts of the WebAssembly API that are used; the ES library has no types for it. */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: object };
  Memory: new (limits: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };
let compiled: object | undefined;

/**
 * The kernel with memory of its own, page-aligned and never grown: growing would detach every view on it.
 *
 * @param seed decides the pool of random bytes
 * @param freeBytes size of the memory besides the pool; at most 4 GiB together
 */
export function instantiateFillKernel(seed: Seed, freeBytes: number): KernelMemory {
  compiled ??= new WebAssembly.Module(
    Uint8Array.from(atob(FILL_KERNEL_BASE64), (character) => character.charCodeAt(0)),
  );
  const pages = Math.ceil((FREE_ADDRESS + freeBytes) / WASM_PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  const kernel = instance.exports as FillKernel;
  kernel.fillPool(POOL_ADDRESS, POOL_BYTES, seed.low, seed.high);
  return { kernel, memory: memory.buffer, pool: POOL_ADDRESS, free: FREE_ADDRESS };
}
