import { FILL_KERNEL_BASE64 } from './gen/fill-kernel.ts';

const WASM_PAGE_BYTES = 65_536;

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
 * @param bytes size of the memory, rounded up to WebAssembly pages of 64 KiB; at most 4 GiB
 */
export function instantiateFillKernel(bytes: number): { kernel: FillKernel; memory: ArrayBuffer } {
  compiled ??= new WebAssembly.Module(
    Uint8Array.from(atob(FILL_KERNEL_BASE64), (character) => character.charCodeAt(0)),
  );
  const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  return { kernel: instance.exports as FillKernel, memory: memory.buffer };
}
