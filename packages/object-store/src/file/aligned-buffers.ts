import { DIRECT_BLOCK_BYTES, wholeBlocks } from './direct-blocks.ts';

/** Address space of one memory at most; its pages take memory of the host only once they are touched. */
const MEMORY_BYTES = 2 ** 30;
const WASM_PAGE_BYTES = 65_536;

/** The part of the WebAssembly API that is used; the ES library has no types for it. */
interface WebAssemblyApi {
  Memory: new (limits: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

/**
 * Buffers of one size that begin at a page boundary, as O_DIRECT needs: ordinary ones do not, but the memory of
 * WebAssembly does. It must never grow, which would take every buffer away, so there is another memory when one is
 * used up.
 */
export class AlignedBuffers {
  readonly #bufferBytes: number;
  readonly #perMemory: number;
  readonly #free: Uint8Array[] = [];

  /** @param most how many buffers are in use at once, as a rule */
  constructor(bufferBytes: number, most: number) {
    this.#bufferBytes = wholeBlocks(Math.max(bufferBytes, DIRECT_BLOCK_BYTES));
    this.#perMemory = Math.max(1, Math.min(most, Math.floor(MEMORY_BYTES / this.#bufferBytes)));
  }

  /** A buffer with undefined content, to be given back. */
  take(): Uint8Array {
    return this.#free.pop() ?? this.#allocate();
  }

  give(buffer: Uint8Array): void {
    this.#free.push(buffer);
  }

  #allocate(): Uint8Array {
    const pages = Math.ceil((this.#bufferBytes * this.#perMemory) / WASM_PAGE_BYTES);
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const at = (index: number): Uint8Array =>
      new Uint8Array(buffer, index * this.#bufferBytes, this.#bufferBytes);
    for (let index = this.#perMemory - 1; index > 0; index--) this.#free.push(at(index));
    return at(0);
  }
}
