import type { Socket } from 'node:net';

/** How fast a link is, in each direction. */
export interface LinkSpeed {
  /** How long every byte takes. */
  readonly delayMs: number;
  readonly bytesPerSecond: number;
}

/** Bytes that are held up before no more are read; a slow link is felt by whoever sends. */
const MOST_HELD_BYTES = 64 * 1024;

interface Held {
  readonly chunk: Buffer;
  readonly dueMs: number;
}

/** One direction of a proxied connection. */
export class ProxiedFlow {
  speed: LinkSpeed = { delayMs: 0, bytesPerSecond: Infinity };
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #held: Held[] = [];
  #heldBytes = 0;
  /** When the link has carried everything so far. */
  #freeAtMs = 0;
  #isOnHold = false;
  #hasEnded = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on('data', (chunk: Buffer) => {
      this.#take(chunk);
    });
    from.once('end', () => {
      this.#hasEnded = true;
      this.#pass();
    });
    to.on('drain', () => {
      this.#readOn();
    });
  }

  /** Lets nothing pass. */
  hold(): void {
    this.#isOnHold = true;
    clearTimeout(this.#timer);
    this.#from.pause();
  }

  goOn(): void {
    this.#isOnHold = false;
    this.#readOn();
    this.#pass();
  }

  /** Closes the far side as soon as everything has passed: the near side is closed. */
  close(): void {
    this.#hasEnded = true;
    this.#isClosed = true;
    this.#pass();
  }

  #take(chunk: Buffer): void {
    const { bytesPerSecond, delayMs } = this.speed;
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (chunk.length / bytesPerSecond) * 1000;
    this.#held.push({ chunk, dueMs: this.#freeAtMs + delayMs });
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > MOST_HELD_BYTES) this.#from.pause();
    this.#pass();
  }

  #pass(): void {
    clearTimeout(this.#timer);
    if (this.#isOnHold) return;
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      const leftMs = next.dueMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => {
          this.#pass();
        }, Math.ceil(leftMs));
        return;
      }
      this.#held.shift();
      this.#heldBytes -= next.chunk.length;
      this.#to.write(next.chunk);
    }
    this.#readOn();
    if (this.#hasEnded) this.#to.end();
    if (this.#isClosed) this.#to.destroySoon();
  }

  #readOn(): void {
    const isFull = this.#heldBytes > MOST_HELD_BYTES || this.#to.writableNeedDrain;
    if (!this.#isOnHold && !isFull) this.#from.resume();
  }
}
