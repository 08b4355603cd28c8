import type { Outbox, RunResponse } from '@sai3bench/barrier-protocol';

/**
 * One stream of events to the controller. It takes from the outbox what the controller does not have yet, as fast as the
 * controller reads, so that what waits for a slow link waits in the outbox, where it can be merged.
 */
export class EventStream implements AsyncIterable<RunResponse> {
  readonly #outbox: Outbox<RunResponse>;
  readonly #lastCommand: () => number;
  /** Goes out before anything else, and is not repeated. */
  #said: RunResponse[] = [];
  #after: number;
  #isClosed = false;
  #isFinished = false;
  #wake: (() => void) | undefined;

  /**
   * @param after number of the last event that the controller has
   * @param lastCommand number of the last command that was taken
   */
  constructor(outbox: Outbox<RunResponse>, after: number, lastCommand: () => number) {
    this.#outbox = outbox;
    this.#after = after;
    this.#lastCommand = lastCommand;
  }

  /** Says something now that does not matter any more when the stream breaks. */
  say(event: RunResponse): void {
    // A controller that does not read needs no heap of signs of life.
    if (event.event.case !== 'heartbeat' || this.#said.length === 0) this.#said.push(event);
    this.wake();
  }

  /** Looks whether there is something to send. */
  wake(): void {
    this.#wake?.();
  }

  /** Ends the stream when all events are sent. */
  finish(): void {
    this.#isFinished = true;
    this.wake();
  }

  /** Ends the stream now. */
  close(): void {
    this.#isClosed = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<RunResponse> {
    while (!this.#isClosed) {
      const next = this.#next();
      if (next !== undefined) {
        next.lastCommand = BigInt(this.#lastCommand());
        yield next;
      } else if (this.#isFinished) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    }
  }

  #next(): RunResponse | undefined {
    const said = this.#said.shift();
    if (said !== undefined) return said;
    const event = this.#outbox.take(this.#after);
    if (event === undefined) return undefined;
    this.#after = event.sequence;
    return event.message;
  }
}
