import { create } from '@bufbuild/protobuf';
import { Outbox, type RunResponse, RunResponseSchema } from '@sai3bench/barrier-protocol';
import { EventStream } from './event-stream.ts';
import { eventSizeBytes, mergeEvents } from './merge-events.ts';
import { HEARTBEAT, type RunMessage } from './run-messages.ts';

const WATCH_INTERVAL_MS = 100;
const TELL_INTERVAL_MS = 10_000;
/** What may wait for the controller; above it, what may be merged is merged. */
const OUTBOX_BYTES = 64 * 1024 * 1024;

/** A message as it goes to the controller. */
export interface SentMessage {
  readonly sequence: number;
  readonly response: RunResponse;
}

export interface ControllerLinkOptions {
  /** The controller expects a message at least so often. */
  readonly heartbeatIntervalMs: number;
  /** How long the run goes on without a controller. */
  readonly graceMs: number;
  /** How long a controller that holds a stream may say nothing before the stream counts as broken; undefined: any time. */
  readonly silenceLimitMs: () => number | undefined;
  /** Called when a stream has broken. */
  readonly onLost: (reason: string) => void;
  /** Called every 10 s while no controller holds a stream. */
  readonly onAway: (awayMs: number) => void;
  /** Called once, when the run has been without a controller for too long. */
  readonly onGraceOver: (awayMs: number) => void;
}

/**
 * What a run says to its controller, over however many streams that takes: everything is numbered, and kept until the
 * controller has acknowledged it. Signs of life go between, and the controller's own are watched.
 */
export class ControllerLink {
  readonly #options: ControllerLinkOptions;
  readonly #watch: NodeJS.Timeout;
  readonly #outbox = new Outbox<RunResponse>({
    limitBytes: OUTBOX_BYTES,
    sizeBytesOf: eventSizeBytes,
    merge: mergeEvents,
  });
  #stream: EventStream | undefined;
  #heardAtMs = performance.now();
  #sentAtMs = performance.now();
  #lastCommand = 0;
  #isFinished = false;
  #graceIsOver = false;
  #toldAtMs = 0;

  constructor(options: ControllerLinkOptions) {
    this.#options = options;
    this.#watch = setInterval(
      () => {
        this.#look();
      },
      Math.min(WATCH_INTERVAL_MS, Math.max(10, options.graceMs / 4)),
    );
  }

  /** Whether a controller holds a stream of the run. */
  get isConnected(): boolean {
    return this.#stream !== undefined;
  }

  /** Since when nothing was heard of the controller, in ms. */
  get silentMs(): number {
    return performance.now() - this.#heardAtMs;
  }

  /** Events that the controller has not acknowledged. */
  get unacknowledged(): number {
    return this.#outbox.length;
  }

  /** Whether nothing more is to come. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /**
   * Opens a stream, which takes the place of the one before. When nothing more is to come, it is for the caller to finish it.
   *
   * @param after number of the last event that the controller has
   * @param first what is said before those that follow, if anything
   */
  open(after: number, first?: RunMessage): EventStream {
    this.#stream?.close();
    const stream = new EventStream(this.#outbox, after, () => this.#lastCommand);
    this.#stream = stream;
    this.heard();
    if (first !== undefined) stream.say(unnumbered(first));
    return stream;
  }

  /** Notes that a stream has ended; those that another has taken the place of do not count. */
  lost(stream: EventStream, reason: string): void {
    stream.close();
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#toldAtMs = performance.now();
    this.#options.onLost(reason);
  }

  /** Notes a sign of life of the controller. */
  heard(): void {
    this.#heardAtMs = performance.now();
  }

  /** Notes a command; returns whether it is new. Those without a number always are. */
  takes(sequence: number): boolean {
    if (sequence === 0) return true;
    if (sequence <= this.#lastCommand) return false;
    this.#lastCommand = sequence;
    return true;
  }

  send(event: RunMessage): SentMessage {
    this.#sentAtMs = performance.now();
    const response = this.#outbox.add((sequence) =>
      create(RunResponseSchema, { sequence: BigInt(sequence), event }),
    );
    this.#stream?.wake();
    return { sequence: this.#outbox.lastSequence, response };
  }

  /** Forgets what the controller has; returns it. */
  acknowledge(sequence: number): RunResponse[] {
    return this.#outbox.acknowledge(sequence);
  }

  /** Nothing more is to come: streams end when everything is said. */
  finish(): void {
    this.#isFinished = true;
    this.#stream?.finish();
  }

  /** Neither sends signs of life nor expects them any more. */
  stopWatching(): void {
    clearInterval(this.#watch);
  }

  #look(): void {
    const { heartbeatIntervalMs, silenceLimitMs } = this.#options;
    const nowMs = performance.now();
    const stream = this.#stream;
    if (stream === undefined) {
      this.#lookForController(nowMs);
      return;
    }
    const limitMs = silenceLimitMs();
    if (limitMs !== undefined && this.silentMs > limitMs) {
      this.lost(
        stream,
        `the controller has said nothing for ${String(Math.round(this.silentMs / 1000))} s`,
      );
    } else if (nowMs - this.#sentAtMs >= heartbeatIntervalMs / 2) {
      this.#sentAtMs = nowMs;
      stream.say(unnumbered(HEARTBEAT));
    }
  }

  #lookForController(nowMs: number): void {
    const { graceMs, onAway, onGraceOver } = this.#options;
    if (this.#graceIsOver) return;
    if (this.silentMs > graceMs) {
      this.#graceIsOver = true;
      onGraceOver(this.silentMs);
    } else if (nowMs - this.#toldAtMs >= TELL_INTERVAL_MS) {
      this.#toldAtMs = nowMs;
      onAway(this.silentMs);
    }
  }
}

function unnumbered(event: RunMessage): RunResponse {
  return create(RunResponseSchema, { event });
}
