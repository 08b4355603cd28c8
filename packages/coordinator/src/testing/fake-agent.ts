import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect';
import {
  AgentService,
  errorToWire,
  conditionFromWire,
  conditionToWire,
  knowledgeToWire,
  type PlainFinding,
  type PlainPoolCondition,
  type PlainPoolKnowledge,
  preflightAnswerToWire,
  preflightFromWire,
  type PreflightRequest,
  PROTOCOL_VERSION,
  progressFromWire,
  progressToWire,
  PushQueue,
  type RunRequest,
  type RunResponse,
  type RunState,
  summaryToWire,
} from '@sai3bench/barrier-protocol';
import { create } from '@bufbuild/protobuf';
import { RunResponseSchema } from '@sai3bench/barrier-protocol';
import { type BenchError, toErrorRecord } from '@sai3bench/errors';
import { OperationStats } from '@sai3bench/stats';
import { type AgentPlan, parseAgentPlan } from '@sai3bench/workload-config';
import type { AgentConnection } from '../run/agent-link.ts';
import { progressOf, summaryOf } from './sample-reports.ts';

type AttachRun = Extract<RunRequest['command'], { case: 'attachRun' }>['value'];
type StageProgress = Extract<RunResponse['event'], { case: 'stageProgress' }>['value'];
type TakeStates = Extract<RunRequest['command'], { case: 'takeStates' }>['value'];

/** How far the clocks of fake agents are ahead of this host's. */
const CLOCK_AHEAD_NS = 5_000_000_000n;

/** How a fake agent behaves; by default it is well and every stage takes no time. */
export interface FakeBehavior {
  readonly version?: string;
  readonly protocolVersion?: number;
  readonly busyWith?: string;
  readonly instanceId?: string;
  /** The process that it says it has; one of another host when absent. */
  readonly process?: { readonly hostname: string; readonly processId: number };
  readonly findings?: readonly PlainFinding[];
  /** Its checks never end. */
  readonly neverChecked?: boolean;
  /** Whose probes of shared storage it sees; those of all whom it is asked for when absent. */
  readonly sees?: (owners: readonly string[]) => readonly string[];
  /** What it knows of the datasets of its plan. */
  readonly knowledge?: readonly PlainPoolKnowledge[];
  /** How its parts of the datasets are. */
  readonly conditions?: readonly PlainPoolCondition[];
  /** What it finds of its objects when a stage is loaded. */
  readonly objects?: { readonly existing: number; readonly missing: number };
  /** The states that it sends when it is asked for some. */
  readonly states?: Uint8Array;
  /** States that it says may not hold any more. */
  readonly doubtful?: string[];
  readonly madeSince?: string;
  /** Never becomes ready. */
  readonly neverReady?: boolean;
  /** Never gets ready for a stage. */
  readonly neverLoads?: boolean;
  /** Whether it gets ready for a stage by itself, by the number of streams that were opened anew. */
  readonly loads?: (stage: number, attached: number) => boolean;
  /** Called when a stage is loaded. */
  readonly onLoad?: (agent: FakeAgent, stage: number) => void;
  /** Whether an order to begin a stage reaches it, by the number of streams that were opened anew. */
  readonly hearsBegin?: (stage: number, attached: number) => boolean;
  /** Called at the end of the run, instead of ending it. */
  readonly onFinish?: (agent: FakeAgent) => void;
  /** Called when a stage begins, instead of reporting at once that it is done. */
  readonly onStage?: (agent: FakeAgent, stage: number) => void;
  /** What an abort does; by default the agent reports the stage as stopped. */
  readonly ignoresAbort?: boolean;
  /** Called when the controller says that it has everything up to now, with the number of summaries in that. */
  readonly onAcknowledge?: (summaries: number) => void;
  /** Whether an attempt to attach, from 1, does not get through. */
  readonly unreachable?: (attempt: number) => boolean;
  /** Called when it is told to stop without a stream; by default it cannot be reached. */
  readonly onStopRun?: (reason: string) => void;
  /** Called when a stream was opened anew. */
  readonly onAttached?: (agent: FakeAgent) => void;
  /** Answers no questions and sends no heartbeats after the start. */
  readonly silent?: boolean;
}

/** An agent in memory that speaks the real protocol and does no work. */
export class FakeAgent {
  readonly behavior: FakeBehavior;
  readonly commands: string[] = [];
  /** What it was asked for before the run, and when probes no longer had to stay. */
  readonly preflights: string[] = [];
  /** Fulfilled when its probes no longer have to stay. */
  readonly released: Promise<void>;
  readonly #release: () => void;
  /** Start instants that were ordered, by stage. */
  readonly startsNs: number[] = [];
  /** What it was told of other agents' objects. */
  readonly taken: TakeStates[] = [];
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
  readonly #sent: RunResponse[] = [];
  #stream: PushQueue<RunResponse> | undefined;
  /** How streams end that were refused. */
  readonly #refusals = new WeakMap<PushQueue<RunResponse>, ConnectError>();
  #state: RunState = 'ready';
  #controllerId = '';
  #forgotten = false;
  #acknowledged = 0n;
  #waitsToEnd = false;
  #isDead = false;
  #sequence = 0;
  #lastCommand = 0n;
  #stage = 0;

  constructor(behavior: FakeBehavior = {}) {
    this.behavior = behavior;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.released = promise;
    this.#release = resolve;
  }

  connect(): AgentConnection {
    const transport = createRouterTransport(({ service }) => {
      service(AgentService, {
        getInfo: async () => {
          if (this.behavior.silent === true && this.plan !== undefined)
            await new Promise(() => undefined);
          return {
            version: this.behavior.version ?? '1.0.0',
            protocolVersion: this.behavior.protocolVersion ?? PROTOCOL_VERSION,
            ...(this.behavior.process ?? { hostname: 'fake', processId: 1 }),
            runId: this.behavior.busyWith ?? '',
            instanceId: this.behavior.instanceId ?? '',
          };
        },
        syncClock: () => ({
          monotonicNs: process.hrtime.bigint() + CLOCK_AHEAD_NS,
          unixNs: BigInt(Date.now()) * 1_000_000n + CLOCK_AHEAD_NS,
        }),
        getRun: () => ({
          agentId: this.plan?.agentId ?? '',
          state: this.#state,
          stage: this.#stage,
        }),
        stopRun: ({ reason }) => {
          if (this.behavior.onStopRun === undefined) throw new ConnectError('no', Code.Unavailable);
          this.behavior.onStopRun(reason);
          return {};
        },
        preflight: (request, { signal }) => this.#preflight(request, signal),
        run: (requests) => this.#run(requests),
      });
    });
    return {
      client: createClient(AgentService, transport),
      reset: () => undefined,
      close: () => {
        this.closed = true;
      },
    };
  }

  send(event: RunResponse['event']): void {
    const response = create(RunResponseSchema, { sequence: BigInt(++this.#sequence), event });
    this.#sent.push(response);
    this.#push(response);
  }

  /** Says that it is ready to begin the stage. */
  loaded(): void {
    this.#state = 'loaded';
    this.send({
      case: 'stageLoaded',
      value: {
        $typeName: 'sai3bench.agent.v1.StageLoaded',
        stage: this.#stage,
        objectsExisting: BigInt(this.behavior.objects?.existing ?? 0),
        objectsMissing: BigInt(this.behavior.objects?.missing ?? 0),
        pools: this.behavior.conditions?.map(conditionToWire) ?? [],
      },
    });
  }

  #ready(): void {
    this.send({
      case: 'ready',
      value: {
        $typeName: 'sai3bench.agent.v1.RunReady',
        pools: this.behavior.knowledge?.map(knowledgeToWire) ?? [],
        environmentJson: '{"kernel":"fake"}',
      },
    });
  }

  /** Reports `count` PUTs in one interval. */
  progress(interval: number, count: number): void {
    this.send({
      case: 'stageProgress',
      value: progressToWire(this.#stage, progressOf(interval, count)),
    });
  }

  /** Reports the end of the stage. */
  summary(...args: Parameters<typeof summaryOf>): void {
    this.#state = 'ready';
    this.send({ case: 'stageSummary', value: summaryToWire(this.#stage, summaryOf(...args)) });
  }

  /** Says that something failed, and ends the run. */
  fail(error: BenchError): void {
    this.report(error);
    this.end();
  }

  /** Sends a histogram that is none. */
  sendNonsense(): void {
    const wire = summaryToWire(this.#stage, summaryOf(1, 1));
    for (const slot of wire.stats?.slots ?? []) slot.latency = Uint8Array.of(255, 255, 255, 255);
    this.send({ case: 'stageSummary', value: wire });
  }

  /** Says how far it is with what is left when all objects are deleted. */
  tidyingUp(what: string, done: number, total: number): void {
    this.send({
      case: 'tidyingUp',
      value: {
        $typeName: 'sai3bench.agent.v1.TidyingUp',
        ...{ what, done: BigInt(done), total: BigInt(total) },
      },
    });
  }

  /** Says that something failed. */
  report(error: BenchError): void {
    this.send({
      case: 'runFailed',
      value: {
        $typeName: 'sai3bench.agent.v1.RunFailed',
        error: errorToWire(toErrorRecord(error)),
      },
    });
  }

  /** Ends the run properly. */
  end(): void {
    this.#state = 'ended';
    this.send({ case: 'runEnded', value: { $typeName: 'sai3bench.agent.v1.RunEnded' } });
    this.#stream?.close();
  }

  /** Like an agent that does not end before the controller has its results. */
  #endWhenAcknowledged(): void {
    const last = this.#sent.findLast(({ event }) => event.case === 'stageSummary');
    this.#waitsToEnd = last !== undefined && last.sequence > this.#acknowledged;
    if (!this.#waitsToEnd) this.end();
  }

  /** Breaks the stream and forgets the run, like an agent that was killed and started anew. */
  break(): void {
    this.#isDead = true;
    this.#stream?.close();
  }

  /** Breaks the stream, like a network that fails; the run goes on. */
  cut(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  /** Never hears of its controller again, as if that had been killed. */
  forgetController(): void {
    this.#forgotten = true;
    this.cut();
  }

  #push(response: RunResponse): void {
    response.lastCommand = this.#lastCommand;
    this.#stream?.push(response);
  }

  async *#preflight(request: PreflightRequest, signal: AbortSignal) {
    const { planJson, sharing } = preflightFromWire(request);
    const plan = parseAgentPlan(planJson);
    this.preflights.push(sharing?.step ?? 'check');
    if (sharing === undefined || sharing.step === 'place') {
      if (this.behavior.neverChecked === true) await aborted(signal);
      const { findings = [] } = this.behavior;
      for (const finding of findings) yield preflightAnswerToWire({ type: 'finding', finding });
      if (sharing !== undefined && !findings.some(({ level }) => level === 'error')) {
        yield preflightAnswerToWire({ type: 'placed' });
        await aborted(signal);
        this.preflights.push('released');
        this.#release();
      }
    } else if (sharing.step === 'look') {
      const owners = this.behavior.sees?.(sharing.owners) ?? sharing.owners;
      for (const target of plan.stores[0]?.endpoints ?? []) {
        yield preflightAnswerToWire({ type: 'sight', sight: { store: 0, target, owners } });
      }
    }
    yield preflightAnswerToWire({ type: 'end' });
  }

  async *#run(requests: AsyncIterable<RunRequest>): AsyncGenerator<RunResponse> {
    const stream = new PushQueue<RunResponse>();
    void this.#obey(requests, stream);
    yield* stream;
    const refusal = this.#refusals.get(stream);
    if (refusal !== undefined) throw refusal;
  }

  async #obey(requests: AsyncIterable<RunRequest>, stream: PushQueue<RunResponse>): Promise<void> {
    try {
      for await (const { command, sequence } of requests) {
        if (command.case === 'attachRun') this.#attach(command.value, stream);
        else if (command.case === 'startRun') this.#begin(command.value.controllerId, stream);
        if (command.case === 'beginStage' && this.#isDeafTo(command.value.stage)) continue;
        if (sequence !== 0n && sequence <= this.#lastCommand) continue;
        if (sequence !== 0n) this.#lastCommand = sequence;
        this.#command(command);
      }
    } catch {
      // The controller is gone.
    }
  }

  #refuse(stream: PushQueue<RunResponse>, why: string, code: Code): void {
    this.#refusals.set(stream, new ConnectError(why, code));
    stream.close();
  }

  #begin(controllerId: string, stream: PushQueue<RunResponse>): void {
    this.#controllerId = controllerId;
    this.#stream = stream;
  }

  #isDeafTo(stage: number): boolean {
    return this.behavior.hearsBegin?.(stage, this.attached) === false;
  }

  /** Everything of the stage that was sent up to an event, as one report. */
  #sumUpTo(lastSequence: bigint): StageProgress {
    const stats = new OperationStats();
    let last = progressOf(0, 0);
    for (const { event, sequence } of this.#sent) {
      if (event.case !== 'stageProgress' || sequence > lastSequence) continue;
      if (event.value.stage !== this.#stage) continue;
      last = progressFromWire(event.value);
      stats.add(last.stats);
    }
    return progressToWire(this.#stage, { ...last, stats: stats.toDelta() });
  }

  #attach(
    { controllerId, lastSequence, takesOver }: AttachRun,
    stream: PushQueue<RunResponse>,
  ): void {
    if (this.#forgotten && controllerId === this.#controllerId) {
      this.#refuse(stream, 'this controller is dead', Code.Unavailable);
      return;
    }
    this.attached++;
    if (this.#isDead) {
      this.#refuse(stream, 'the agent knows nothing of run run', Code.NotFound);
      return;
    }
    if (this.behavior.unreachable?.(this.attached) === true) {
      this.#refuse(stream, 'no route', Code.Unavailable);
      return;
    }
    this.#stream = stream;
    this.#push(
      create(RunResponseSchema, {
        event: {
          case: 'attached',
          value: {
            $typeName: 'sai3bench.agent.v1.Attached',
            ...{ state: this.#state, stage: this.#stage },
            ...(takesOver ? { acknowledged: this.#sumUpTo(lastSequence) } : {}),
          },
        },
      }),
    );
    for (const response of this.#sent) {
      if (response.sequence > lastSequence) this.#push(response);
    }
    if (takesOver && this.#state !== 'ended') this.#ready();
    if (takesOver && this.#state === 'loaded') this.loaded();
    this.behavior.onAttached?.(this);
  }

  #command(command: RunRequest['command']): void {
    if (command.case !== undefined && !isAside(command.case)) this.commands.push(command.case);
    switch (command.case) {
      case 'startRun':
        this.plan = parseAgentPlan(command.value.planJson);
        if (this.behavior.neverReady === true) return;
        this.#ready();
        return;
      case 'loadStage':
        this.#stage = command.value.stage;
        this.startsOver.push(command.value.startOver);
        this.goesOnWith.push(command.value.goOnWith);
        this.#state = 'loading';
        if (this.behavior.neverLoads === true) return;
        this.behavior.onLoad?.(this, this.#stage);
        if (this.behavior.loads?.(this.#stage, this.attached) === false) return;
        this.loaded();
        return;
      case 'sendStates':
        this.send({
          case: 'states',
          value: {
            $typeName: 'sai3bench.agent.v1.States',
            request: command.value.request,
            states: this.behavior.states ?? new Uint8Array(),
            doubtful: this.behavior.doubtful ?? [],
            madeSince: this.behavior.madeSince ?? '',
          },
        });
        return;
      case 'takeStates':
        this.taken.push(command.value);
        this.send({
          case: 'statesTaken',
          value: {
            $typeName: 'sai3bench.agent.v1.StatesTaken',
            request: command.value.request,
          },
        });
        return;
      case 'beginStage':
        this.#state = 'running';
        this.startsNs.push(Number(command.value.startAtMonotonicNs));
        this.conditions.push(command.value.pools.map(conditionFromWire));
        if (this.behavior.onStage === undefined) this.summary(0, 0);
        else this.behavior.onStage(this, this.#stage);
        return;
      case 'acknowledge':
        this.#acknowledged = command.value.sequence;
        this.behavior.onAcknowledge?.(
          this.#sent.filter(
            ({ event, sequence }) =>
              event.case === 'stageSummary' && sequence <= command.value.sequence,
          ).length,
        );
        if (this.#waitsToEnd) this.#endWhenAcknowledged();
        return;
      case 'abortRun':
        if (this.behavior.ignoresAbort === true) return;
        this.summary(3, 500, { outcome: 'stopped' });
        this.end();
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
}

/** Whether a command is not one of those that the run consists of. */
function isAside(command: NonNullable<RunRequest['command']['case']>): boolean {
  return command === 'heartbeat' || command === 'acknowledge' || command === 'barrierWait';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else {
      signal.addEventListener('abort', () => {
        resolve();
      });
    }
  });
}
