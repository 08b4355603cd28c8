import { create } from '@bufbuild/protobuf';
import type { ConnectError } from '@connectrpc/connect';
import {
  progressFromWire,
  progressToWire,
  type PushQueue,
  type RunResponse,
  RunResponseSchema,
} from '@sai3bench/barrier-protocol';
import { OperationStats } from '@sai3bench/stats';
import type { FakeMessage } from './fake-messages.ts';
import { progressOf } from './sample-reports.ts';

/** A stream to a controller. */
export type FakeStream = PushQueue<RunResponse>;

/** What a fake agent says to its controllers, over however many streams: numbered, and all of it kept. */
export class FakeLink {
  readonly #sent: RunResponse[] = [];
  #stream: FakeStream | undefined;
  /** How streams end that were refused. */
  readonly #refusals = new WeakMap<FakeStream, ConnectError>();
  #acknowledged = 0n;
  #lastCommand = 0n;

  /** Holds a stream, which takes the place of the one before. */
  open(stream: FakeStream): void {
    this.#stream = stream;
  }

  /** Lets no stream be held that somebody has opened. */
  refuse(stream: FakeStream, why: ConnectError): void {
    this.#refusals.set(stream, why);
    stream.close();
  }

  /** Everything that goes over a stream. */
  async *read(stream: FakeStream): AsyncGenerator<RunResponse> {
    yield* stream;
    const refusal = this.#refusals.get(stream);
    if (refusal !== undefined) throw refusal;
  }

  /** Notes a command; returns whether it is new. Those without a number always are. */
  takes(sequence: bigint): boolean {
    if (sequence === 0n) return true;
    if (sequence <= this.#lastCommand) return false;
    this.#lastCommand = sequence;
    return true;
  }

  send(event: FakeMessage): void {
    const sequence = BigInt(this.#sent.length + 1);
    const response = create(RunResponseSchema, { sequence, event });
    this.#sent.push(response);
    this.#push(response);
  }

  /** Says something without a number. */
  say(event: FakeMessage): void {
    this.#push(create(RunResponseSchema, { event }));
  }

  sendAgain(after: bigint): void {
    for (const response of this.#sent) {
      if (response.sequence > after) this.#push(response);
    }
  }

  /** Notes that the controller has everything up to a number; returns how many summaries are in that. */
  acknowledge(sequence: bigint): number {
    this.#acknowledged = sequence;
    return this.#summaries().filter((summary) => summary.sequence <= sequence).length;
  }

  /** Events that the controller has not said that it has. */
  get unacknowledged(): number {
    return this.#sent.filter(({ sequence }) => sequence > this.#acknowledged).length;
  }

  /** Whether the controller has said that it has all results. */
  get isAcknowledged(): boolean {
    const last = this.#summaries().at(-1);
    return last === undefined || last.sequence <= this.#acknowledged;
  }

  /** Everything of a stage that was sent up to an event, as one report. */
  sumUpTo(lastSequence: bigint, stage: number): ReturnType<typeof progressToWire> {
    const stats = new OperationStats();
    let last = progressOf(0, 0);
    for (const { event, sequence } of this.#sent) {
      if (event.case !== 'stageProgress' || sequence > lastSequence) continue;
      if (event.value.stage !== stage) continue;
      last = progressFromWire(event.value);
      stats.add(last.stats);
    }
    return progressToWire(stage, { ...last, stats: stats.toDelta() });
  }

  /** Ends the stream. */
  close(): void {
    this.#stream?.close();
  }

  /** Breaks the stream, so that what is said goes nowhere. */
  cut(): void {
    this.close();
    this.#stream = undefined;
  }

  #summaries(): RunResponse[] {
    return this.#sent.filter(({ event }) => event.case === 'stageSummary');
  }

  #push(response: RunResponse): void {
    response.lastCommand = this.#lastCommand;
    this.#stream?.push(response);
  }
}
