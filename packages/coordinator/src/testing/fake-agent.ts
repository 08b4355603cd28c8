import { Code, ConnectError } from '@connectrpc/connect';
import {
  conditionFromWire,
  type PlainPoolCondition,
  PushQueue,
  type RunRequest,
  type RunResponse,
  type RunState,
} from '@sai3bench/barrier-protocol';
import type { BenchError } from '@sai3bench/errors';
import { type AgentPlan, parseAgentPlan } from '@sai3bench/workload-config';
import type { AgentConnection } from '../link/agent-connection.ts';
import type { FakeBehavior } from './fake-behavior.ts';
import { connectTo, type FakeService } from './fake-connection.ts';
import { FakeLink, type FakeStream } from './fake-link.ts';
import {
  attachedMessage,
  ledRefusal,
  busyRefusal,
  endedMessage,
  failedMessage,
  type FakeMessage,
  loadedMessage,
  nonsenseMessage,
  progressMessage,
  readyMessage,
  statesMessage,
  statesTakenMessage,
  summaryMessage,
  tidyingUpMessage,
} from './fake-messages.ts';
import { FakePreflight } from './fake-preflight.ts';
import type { summaryOf } from './sample-reports.ts';

type CommandOf<Case> = Extract<RunRequest['command'], { case: Case }>['value'];

/** An agent in memory that speaks the real protocol and does no work. */
export class FakeAgent implements FakeService {
  readonly behavior: FakeBehavior;
  readonly preflight: FakePreflight;
  readonly commands: string[] = [];
  /** Start instants that were ordered, by stage. */
  readonly startsNs: number[] = [];
  /** What it was told of other agents' objects. */
  readonly taken: CommandOf<'takeStates'>[] = [];
  /** Whether prepare was to begin anew, by stage. */
  readonly startsOver: boolean[] = [];
  /** How it was told the datasets are, by stage. */
  readonly conditions: (readonly PlainPoolCondition[])[] = [];
  /** Datasets that it was to go on with nevertheless, by stage. */
  readonly goesOnWith: (readonly string[])[] = [];
  plan: AgentPlan | undefined;
  closed = false;
  /** Streams that were opened to attach to the run. */
  attached = 0;
  /** The stages that it was told to end, and those from which it was left out. */
  readonly stopped: number[] = [];
  readonly excludedFrom: number[] = [];
  /** What it was told of others that a barrier waits for. */
  readonly waits: (readonly string[])[] = [];
  readonly #link = new FakeLink();
  #state: RunState = 'ready';
  #controllerId = '';
  #forgotten = false;
  #waitsToEnd = false;
  #isDead = false;
  #stage = 0;

  constructor(behavior: FakeBehavior = {}) {
    this.behavior = behavior;
    this.preflight = new FakePreflight(behavior);
  }

  /** What it was asked for before the run, and when probes no longer had to stay. */
  get preflights(): readonly string[] {
    return this.preflight.asked;
  }

  /** Fulfilled when its probes no longer have to stay. */
  get released(): Promise<void> {
    return this.preflight.released;
  }

  get status(): FakeService['status'] {
    return { state: this.#state, stage: this.#stage };
  }

  /** Events that the controller does not say that it has. */
  get unacknowledged(): number {
    return this.#link.unacknowledged;
  }

  connect(): AgentConnection {
    return connectTo(this, () => {
      this.closed = true;
    });
  }

  run(requests: AsyncIterable<RunRequest>): AsyncGenerator<RunResponse> {
    const stream = new PushQueue<RunResponse>();
    void this.#obey(requests, stream);
    return this.#link.read(stream);
  }

  send(event: FakeMessage): void {
    this.#link.send(event);
  }

  /** Says that it is ready to begin the stage. */
  loaded(): void {
    this.#state = 'loaded';
    this.send(loadedMessage(this.#stage, this.behavior));
  }

  /** Says once more that it was ready for an earlier stage. */
  loadedBefore(stage: number): void {
    this.send(loadedMessage(stage, this.behavior));
  }

  /** Reports `count` PUTs in one interval. */
  progress(interval: number, count: number): void {
    this.send(progressMessage(this.#stage, interval, count));
  }

  /** Reports the end of the stage. */
  summary(...args: Parameters<typeof summaryOf>): void {
    this.#state = 'ready';
    this.send(summaryMessage(this.#stage, ...args));
  }

  /** Says that something failed, and ends the run. */
  fail(error: BenchError): void {
    this.report(error);
    this.end();
  }

  /** Sends a histogram that is none. */
  sendNonsense(): void {
    this.send(nonsenseMessage(this.#stage));
  }

  /** Says how far it is with what is left when all objects are deleted. */
  tidyingUp(what: string, done: number, total: number): void {
    this.send(tidyingUpMessage(what, done, total));
  }

  /** Says that something failed. */
  report(error: BenchError): void {
    this.send(failedMessage(error));
  }

  /**
   * Ends the run properly.
   *
   * @param reason what a controller has said when it ended it before its time
   */
  end(reason = ''): void {
    this.#state = 'ended';
    this.send(endedMessage(reason));
    this.#link.close();
  }

  /** Breaks the stream and forgets the run, like an agent that was killed and started anew. */
  break(): void {
    this.#isDead = true;
    this.#link.close();
  }

  /** Breaks the stream, like a network that fails; the run goes on. */
  cut(): void {
    this.#link.cut();
  }

  /** Never hears of its controller again, as if that had been killed. */
  forgetController(): void {
    this.#forgotten = true;
    this.cut();
  }

  async #obey(requests: AsyncIterable<RunRequest>, stream: FakeStream): Promise<void> {
    try {
      for await (const { command, sequence } of requests) {
        if (command.case === 'attachRun') this.#attach(command.value, stream);
        else if (command.case === 'startRun') {
          if (this.behavior.startedBy !== undefined) {
            this.#link.refuse(stream, busyRefusal(this.behavior.startedBy));
            return;
          }
          this.#controllerId = command.value.controllerId;
          this.#link.open(stream);
        }
        if (command.case === 'beginStage' && this.#isDeafTo(command.value.stage)) continue;
        if (this.#link.takes(sequence)) this.#command(command);
      }
    } catch {
      // The controller is gone.
    }
  }

  #isDeafTo(stage: number): boolean {
    return this.behavior.hearsBegin?.(stage, this.attached) === false;
  }

  #attach(
    { controllerId, lastSequence, takesOver }: CommandOf<'attachRun'>,
    stream: FakeStream,
  ): void {
    if (this.#forgotten && controllerId === this.#controllerId) {
      this.#link.refuse(stream, new ConnectError('this controller is dead', Code.Unavailable));
      return;
    }
    this.attached++;
    if (this.#isDead) {
      this.#link.refuse(stream, new ConnectError('unknown run', Code.NotFound));
      return;
    }
    if (this.behavior.unreachable?.(this.attached) === true) {
      this.#link.refuse(stream, new ConnectError('no route', Code.Unavailable));
      return;
    }
    if (this.behavior.isLed?.() === true) {
      this.#link.refuse(stream, ledRefusal());
      return;
    }
    const sum = takesOver ? this.#link.sumUpTo(lastSequence, this.#stage) : undefined;
    this.#link.open(stream);
    this.#link.say(attachedMessage(this.#state, this.#stage, sum));
    this.#link.sendAgain(lastSequence);
    if (takesOver && this.#state !== 'ended') this.send(readyMessage(this.behavior));
    if (takesOver && this.#state === 'loaded') this.loaded();
    this.behavior.onAttached?.(this);
  }

  #command(command: RunRequest['command']): void {
    if (command.case !== undefined && !isAside(command.case)) this.commands.push(command.case);
    switch (command.case) {
      case 'startRun':
        this.plan = parseAgentPlan(command.value.planJson);
        if (this.behavior.neverReady !== true) this.send(readyMessage(this.behavior));
        return;
      case 'loadStage':
        this.#load(command.value);
        return;
      case 'sendStates':
        this.send(statesMessage(command.value.request, this.behavior));
        return;
      case 'takeStates':
        this.taken.push(command.value);
        this.send(statesTakenMessage(command.value.request));
        return;
      case 'beginStage':
        this.#state = 'running';
        this.startsNs.push(Number(command.value.startAtMonotonicNs));
        this.conditions.push(command.value.pools.map(conditionFromWire));
        if (this.behavior.onStage === undefined) this.summary(0, 0);
        else this.behavior.onStage(this, this.#stage);
        return;
      case 'acknowledge':
        this.#acknowledge(command.value.sequence);
        return;
      case 'abortRun':
        if (this.behavior.ignoresAbort === true) return;
        this.summary(3, 500, { outcome: 'stopped' });
        this.end(command.value.reason);
        return;
      case 'finishRun':
        this.#state = 'closing';
        if (this.behavior.onFinish === undefined) this.#endWhenAcknowledged();
        else this.behavior.onFinish(this);
        return;
      case 'barrierWait':
        this.waits.push(command.value.waitsFor);
        return;
      case 'excludeAgent':
        this.excludedFrom.push(command.value.stage);
        return;
      case 'stopStage':
        this.stopped.push(command.value.stage);
        this.summary(3, 500, { outcome: 'stopped' });
        return;
      case 'attachRun':
      case 'heartbeat':
      case undefined:
        return;
    }
  }

  #load({ goOnWith, stage, startOver }: CommandOf<'loadStage'>): void {
    this.#stage = stage;
    this.startsOver.push(startOver);
    this.goesOnWith.push(goOnWith);
    this.#state = 'loading';
    if (this.behavior.neverLoads === true) return;
    this.behavior.onLoad?.(this, stage);
    if (this.behavior.loads?.(stage, this.attached) !== false) this.loaded();
  }

  #acknowledge(sequence: bigint): void {
    const summaries = this.#link.acknowledge(sequence);
    this.behavior.onAcknowledge?.(summaries);
    if (this.#waitsToEnd) this.#endWhenAcknowledged();
  }

  /** Like an agent that does not end before the controller has its results. */
  #endWhenAcknowledged(): void {
    this.#waitsToEnd = !this.#link.isAcknowledged;
    if (!this.#waitsToEnd) this.end();
  }
}

/** Whether a command is not one of those that the run consists of. */
function isAside(command: NonNullable<RunRequest['command']['case']>): boolean {
  return command === 'heartbeat' || command === 'acknowledge' || command === 'barrierWait';
}
