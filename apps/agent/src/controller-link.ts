import { create } from '@bufbuild/protobuf';
import { PushQueue, type RunResponse, RunResponseSchema } from '@sai3bench/barrier-protocol';
import { HEARTBEAT, type RunMessage } from './run-messages.ts';

const WATCH_INTERVAL_MS = 500;

/** A message as it goes to the controller. */
export interface SentMessage {
  readonly sequence: number;
  readonly response: RunResponse;
}

export interface ControllerLinkOptions {
  /** The controller expects a message at least so often. */
  readonly heartbeatIntervalMs: number;
  /** How long the controller may say nothing at the moment; undefined: any time. */
  readonly silenceLimitMs: () => number | undefined;
  /** Called, again and again, while the controller has said nothing for longer than the limit. */
  readonly onSilence: (limitMs: number) => void;
}

/** What a run says to its controller, with signs of life between, and the watch on the controller's own. */
export class ControllerLink {
  /** What is to be sent; closed when the run has ended. */
  readonly events = new PushQueue<RunResponse>();
  readonly #options: ControllerLinkOptions;
  readonly #watch: NodeJS.Timeout;
  #sequence = 0;
  #heardAtMs = performance.now();
  #sentAtMs = performance.now();

  constructor(options: ControllerLinkOptions) {
    this.#options = options;
    this.#watch = setInterval(() => {
      this.#look();
    }, WATCH_INTERVAL_MS);
  }

  /** Notes a sign of life of the controller. */
  heard(): void {
    this.#heardAtMs = performance.now();
  }

  send(event: RunMessage): SentMessage {
    this.#sentAtMs = performance.now();
    const sequence = ++this.#sequence;
    const response = create(RunResponseSchema, { sequence: BigInt(sequence), event });
    this.events.push(response);
    return { sequence, response };
  }

  /** Neither sends signs of life nor expects them any more. */
  stopWatching(): void {
    clearInterval(this.#watch);
  }

  #look(): void {
    const { heartbeatIntervalMs, onSilence, silenceLimitMs } = this.#options;
    const nowMs = performance.now();
    if (nowMs - this.#sentAtMs >= heartbeatIntervalMs / 2) this.send(HEARTBEAT);
    const limitMs = silenceLimitMs();
    if (limitMs !== undefined && nowMs - this.#heardAtMs > limitMs) onSilence(limitMs);
  }
}
