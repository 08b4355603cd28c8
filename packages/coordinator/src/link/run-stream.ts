import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import {
  Outbox,
  PROTOCOL_VERSION,
  PushQueue,
  type RunRequest,
  RunRequestSchema,
  type RunResponse,
} from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { AgentConnection } from './agent-connection.ts';
import { PROCESS_GONE_HINT } from './agent-errors.ts';
import { backOffMs } from './back-off.ts';
import { Pause } from './pause.ts';

/** How long an agent may take to answer an attempt to attach to its run. */
const ATTACH_TIMEOUT_MS = 5_000;

/** What an agent says of its run when a controller holds the stream again. */
export type Attached = Extract<RunResponse['event'], { case: 'attached' }>['value'];

/** What happens on the streams of a run. */
export interface RunListener {
  /** Called once for each event, in order, over whatever streams they come. */
  onEvent(event: RunResponse): void;
  /** The stream has broken: the agent is away. */
  onAway(): void;
  /** It is being called: nothing is known of its end. */
  onCalled(error: BenchError): void;
  /** The agent is there again; what was missed follows. */
  onBack(attached: Attached): void;
  /** Nothing more can come; `error` when it was not the agent that ended the run properly. */
  onClosed(error: BenchError | undefined): void;
}

/** How to hold the stream of a run. */
export interface RunStreamOptions {
  readonly runId: string;
  readonly controllerId: string;
  readonly version: string;
  /** How long an agent may be away before it counts as lost. */
  readonly graceMs: number;
  /** Whether the agent is known to be gone for good. */
  readonly isGone: () => boolean;
  /** What a failed call says, in words. */
  readonly explain: (error: unknown) => BenchError;
  readonly nowMs: () => number;
  readonly listener: RunListener;
}

/** How a stream ended. */
type StreamEnd =
  | { readonly type: 'ended' }
  /** Another attempt makes no sense. */
  | { readonly type: 'refused'; readonly error: unknown }
  | { readonly type: 'broken'; readonly error: unknown };

/**
 * The commands and events of one agent's run, over as many streams as it takes: when one breaks, the next takes up where
 * it ended, so that each command is carried out once and each event is seen once.
 */
export class RunStream {
  readonly #options: RunStreamOptions;
  readonly #commands = new Outbox<RunRequest>({
    limitBytes: Infinity,
    sizeBytesOf: () => 0,
    merge: () => undefined,
  });
  /** Commands to an agent that is being taken over: it has to say first after which number they come. */
  readonly #unnumbered: RunRequest['command'][] = [];
  readonly #pause = new Pause();
  readonly #connection: AgentConnection;
  #requests: PushQueue<RunRequest> | undefined;
  #closed = Promise.resolve();
  #abort = new AbortController();
  #lastSequence = 0;
  #takesOver = false;
  #awaySinceMs: number | undefined;
  #hasEnded = false;
  /** Whether the agent has said that it had ended the run before it was taken over. */
  #saysEnded = false;
  #isClosed = false;

  constructor(connection: AgentConnection, options: RunStreamOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Opens the first stream of a run; the first command that was sent starts it. */
  start(): void {
    this.#closed = this.#run(() => this.#startStream());
  }

  /**
   * Attaches to a run that another controller has started.
   *
   * @param lastSequence number of the last event that the other has kept
   */
  takeOver(lastSequence: number): void {
    this.#takesOver = true;
    this.#lastSequence = lastSequence;
    this.#closed = this.#run(() => this.#attachStream());
  }

  /** Resolves when nothing more can come. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Sends a command now, or as soon as there is a stream to the agent. */
  send(command: RunRequest['command']): void {
    if (this.#takesOver) {
      this.#unnumbered.push(command);
      return;
    }
    const request = this.#number(command);
    if (this.#awaySinceMs === undefined) this.#requests?.push(request);
  }

  /** Sends what need not arrive: signs of life and acknowledgements. */
  mention(command: RunRequest['command']): void {
    if (this.#awaySinceMs !== undefined) return;
    this.#requests?.push(create(RunRequestSchema, { command }));
  }

  /** Ends the streams; the run may go on without them. */
  close(): void {
    this.#isClosed = true;
    this.#pause.end();
    this.#requests?.close();
    this.#abort.abort();
  }

  #number(command: RunRequest['command']): RunRequest {
    return this.#commands.add((sequence) =>
      create(RunRequestSchema, { command, sequence: BigInt(sequence) }),
    );
  }

  async #run(first: () => Promise<StreamEnd>): Promise<void> {
    const { listener } = this.#options;
    let end = await first();
    for (let attempt = 0; end.type === 'broken' && !this.#isClosed; attempt++) {
      if (this.#awaySinceMs === undefined) {
        this.#awaySinceMs = this.#options.nowMs();
        attempt = 0;
        listener.onAway();
      }
      if (this.#options.isGone() || this.#graceLeftMs() <= 0) break;
      await this.#pause.wait(Math.min(backOffMs(attempt, Math.random()), this.#graceLeftMs()));
      // A process that was killed is gone some time after its connections.
      if (this.#pause.isEnded || this.#options.isGone()) break;
      if (attempt === 0) listener.onCalled(this.#options.explain(end.error));
      // Of a connection that hangs nothing is to be expected any more.
      this.#connection.reset();
      end = await this.#attachStream();
    }
    listener.onClosed(
      end.type === 'ended' || this.#isClosed ? undefined : this.#lostError(end.error),
    );
  }

  #graceLeftMs(): number {
    const { graceMs, nowMs } = this.#options;
    return this.#awaySinceMs === undefined ? graceMs : this.#awaySinceMs + graceMs - nowMs();
  }

  async #startStream(): Promise<StreamEnd> {
    const requests = this.#newRequests();
    this.#sendAfter(requests, 0);
    return this.#read(requests, undefined);
  }

  async #attachStream(): Promise<StreamEnd> {
    const { controllerId, runId, version } = this.#options;
    const requests = this.#newRequests();
    const value = {
      $typeName: 'sai3bench.agent.v1.AttachRun',
      ...{ runId, controllerId, controllerVersion: version, protocolVersion: PROTOCOL_VERSION },
      ...{ lastSequence: BigInt(this.#lastSequence), takesOver: this.#takesOver },
    } as const;
    requests.push(create(RunRequestSchema, { command: { case: 'attachRun', value } }));
    const end = await this.#read(requests, ATTACH_TIMEOUT_MS);
    // An agent that never heard of the run can still begin it.
    const knowsNothing =
      end.type === 'refused' && ConnectError.from(end.error).code === Code.NotFound;
    return knowsNothing && this.#lastSequence === 0 && !this.#takesOver ? this.#startStream() : end;
  }

  #newRequests(): PushQueue<RunRequest> {
    this.#requests?.close();
    this.#requests = new PushQueue();
    this.#abort = new AbortController();
    return this.#requests;
  }

  #sendAfter(requests: PushQueue<RunRequest>, sequence: number): void {
    let next = this.#commands.take(sequence);
    while (next !== undefined) {
      requests.push(next.message);
      next = this.#commands.take(next.sequence);
    }
  }

  async #read(requests: PushQueue<RunRequest>, answerMs: number | undefined): Promise<StreamEnd> {
    const abort = this.#abort;
    const timer =
      answerMs === undefined
        ? undefined
        : setTimeout(() => {
            abort.abort();
          }, answerMs);
    try {
      const options = { signal: abort.signal };
      for await (const event of this.#connection.client.run(requests, options)) {
        clearTimeout(timer);
        this.#take(event, requests);
      }
      if (this.#hasEnded || this.#saysEnded) return { type: 'ended' };
      return { type: 'broken', error: new ConnectError('the stream ended', Code.Aborted) };
    } catch (error) {
      if (this.#hasEnded) return { type: 'ended' };
      return { type: isRefusal(error) ? 'refused' : 'broken', error };
    } finally {
      clearTimeout(timer);
    }
  }

  #take(response: RunResponse, requests: PushQueue<RunRequest>): void {
    const { event } = response;
    const lastCommand = Number(response.lastCommand);
    this.#commands.acknowledge(lastCommand);
    if (event.case === 'attached') {
      this.#awaySinceMs = undefined;
      this.#takesOver = false;
      this.#saysEnded = event.value.state === 'ended';
      this.#commands.continueAfter(lastCommand);
      for (const command of this.#unnumbered.splice(0)) this.#number(command);
      this.#sendAfter(requests, lastCommand);
      this.#options.listener.onBack(event.value);
      return;
    }
    const sequence = Number(response.sequence);
    if (sequence !== 0 && sequence <= this.#lastSequence) return;
    if (sequence !== 0) this.#lastSequence = sequence;
    if (event.case === 'runEnded') this.#hasEnded = true;
    this.#options.listener.onEvent(response);
  }

  #lostError(error: unknown): BenchError {
    const { explain, graceMs, isGone } = this.#options;
    const cause = explain(error);
    if (isRefusal(error)) return cause;
    const isProcessGone = isGone();
    const why = isProcessGone
      ? 'its process has ended'
      : `it was away for longer than reconnect_grace (${String(graceMs / 1000)} s)`;
    return new BenchError(`${cause.message}; ${why}`, {
      ...{ code: 'AGENT_LOST', class: 'network', endpoint: cause.endpoint, cause: cause.cause },
      hint: isProcessGone ? PROCESS_GONE_HINT : cause.hint,
    });
  }
}

const REFUSALS: ReadonlySet<Code> = new Set([
  Code.NotFound,
  Code.ResourceExhausted,
  Code.FailedPrecondition,
  Code.InvalidArgument,
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.Unimplemented,
]);

/** Whether an agent has answered that it will not. */
function isRefusal(error: unknown): boolean {
  return REFUSALS.has(ConnectError.from(error).code);
}
