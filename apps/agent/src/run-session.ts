import {
  logToWire,
  type RunEffect,
  type RunInput,
  type RunRequest,
  type RunState,
  runTransition,
} from '@sai3bench/barrier-protocol';
import { BenchError, summarizeError } from '@sai3bench/errors';
import { formatDurationMs } from '@sai3bench/units';
import type { HostEvent, PoolKnowledge } from '@sai3bench/workload-engine';
import { AgentClock, hostClocks } from './agent-clock.ts';
import type { AgentLog } from './agent-log.ts';
import { type Credentials, environmentWith } from './credentials.ts';
import { describeChange } from './describe-change.ts';
import { describePlan } from './describe-plan.ts';
import { describeWait } from './describe-wait.ts';
import { readEnvironment } from './environment.ts';
import type { EventStream } from './event-stream.ts';
import { type OpenedPlan, openPlan } from './opened-plan.ts';
import {
  type CommandOf,
  failedMessage,
  forwardedMessage,
  readyMessage,
  statesGiven,
  statesWanted,
} from './run-messages.ts';
import { agentStoppedError, hostError, runStoppedError, violationError } from './session-errors.ts';
import { SessionHost } from './session-host.ts';
import { SessionLink } from './session-link.ts';
import { SessionStage, type StageStatus } from './session-stage.ts';

/** How a run is doing. */
export interface SessionStatus {
  readonly state: RunState;
  /** Undefined while the plan is not understood. */
  readonly stage: StageStatus | undefined;
  readonly link: SessionLink['status'];
}

/**
 * One run on this agent. Its life is the table in `barrier-protocol`: inputs come from the controller and from the
 * process that does the I/O, effects are carried out here.
 */
export class RunSession {
  readonly start: CommandOf<'startRun'>;
  /** Resolves when the agent does nothing more for the run. What its controller does not have is kept. */
  readonly ended: Promise<void>;
  readonly #log: AgentLog;
  readonly #stopListening: () => void;
  readonly #temporaryDirectory: string;
  readonly #workers: number | undefined;
  #credentials: Credentials;
  readonly #link: SessionLink;
  readonly #stage: SessionStage;
  #resolveEnded: () => void = () => undefined;
  #state: RunState = 'idle';
  #opened: OpenedPlan | undefined;
  #host: SessionHost | undefined;
  #pools: readonly PoolKnowledge[] = [];
  #failure = new BenchError('no failure', { code: 'NONE', class: 'internal' });
  #violation = '';

  /**
   * @param temporaryDirectory is where the agent may keep its own copy of the results
   * @param workers worker threads to use, where the plan leaves the choice
   * @param credentials for the process that does the I/O, and nobody else
   */
  constructor(
    start: CommandOf<'startRun'>,
    log: AgentLog,
    temporaryDirectory: string,
    workers?: number,
    clock = new AgentClock(hostClocks()),
    credentials: Credentials = new Map(),
  ) {
    this.start = start;
    this.#log = log;
    this.#workers = workers;
    this.#credentials = credentials;
    this.#temporaryDirectory = temporaryDirectory;
    this.#stage = new SessionStage(log, clock);
    this.#link = new SessionLink({
      ...{ start, log },
      silenceLimitMs: () => this.#silenceLimitMs(),
      isOver: () => this.#state === 'ended',
      onGraceOver: (awayMs) => {
        this.abort(`the controller has been away for ${formatDurationMs(awayMs)}`);
      },
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#stopListening = log.listen((entry) => {
      this.#link.send({ case: 'logRecord', value: logToWire(entry) });
      this.#link.addLog(entry);
    });
    this.#input('start', `controller ${start.controllerVersion}`);
  }

  get status(): SessionStatus {
    const plan = this.#opened?.plan;
    const stage = plan === undefined ? undefined : this.#stage.status(plan);
    return { state: this.#state, stage, link: this.#link.status };
  }

  /**
   * Opens the first stream of events to the controller. It ends with the run.
   *
   * @param command number of the command that started the run
   */
  open(command: number): EventStream {
    return this.#link.open(command);
  }

  /** Whether another controller than this one drives the run at the moment. */
  isDrivenByOther(controllerId: string): boolean {
    return this.#link.isHeldByOther(controllerId);
  }

  /** Opens a further stream, which takes the place of the one before. */
  attach(attach: CommandOf<'attachRun'>): EventStream {
    const stream = this.#link.attach(attach, this.#state, this.#stage.index);
    if (attach.takesOver) this.#tellAgain();
    return stream;
  }

  /** Notes that a stream has ended, though the run may go on. */
  streamEnded(stream: EventStream, reason: string): void {
    this.#link.streamEnded(stream, reason);
  }

  /** Takes a command of the controller. */
  command(request: RunRequest): void {
    if (!this.#link.takes(request)) return;
    const { command } = request;
    switch (command.case) {
      case 'loadStage':
        this.#stage.choose(command.value);
        this.#input('load', `stage ${String(command.value.stage)}`);
        return;
      case 'beginStage':
        this.#stage.schedule(command.value);
        this.#input('begin', `stage ${String(command.value.stage)}`);
        return;
      case 'stopStage':
        this.#input('stop-stage', command.value.reason);
        return;
      case 'excludeAgent':
        this.#log.warn(`The others go on without this agent: ${command.value.reason}`, {
          toldOtherwise: true,
        });
        return;
      case 'barrierWait':
        this.#log.info(describeWait(command.value));
        return;
      case 'abortRun':
        this.#abort(command.value.reason, true);
        return;
      case 'finishRun':
        this.#input('finish', 'all stages are done');
        return;
      case 'startRun':
        this.#input('start', 'a second start');
        return;
      case 'sendStates':
        this.#host?.send(statesWanted(command.value));
        return;
      case 'takeStates':
        this.#host?.send(statesGiven(command.value));
        return;
      case 'acknowledge':
      case 'attachRun':
      case 'heartbeat':
      case undefined:
        return;
    }
  }

  /** Stops everything; partial results are sent. */
  abort(reason: string): void {
    this.#abort(reason, false);
  }

  /** Stops everything because the agent is to end: the controller gets partial results, and the reason. */
  stop(reason: string): void {
    if (this.#state === 'ended' || this.#state === 'stopping') return;
    this.#fail(agentStoppedError(reason));
  }

  /** Stops everything because somebody has asked for it who does not hold the stream of the run. */
  stopOnRequest(reason: string): void {
    if (this.#state === 'ended' || this.#state === 'stopping') return;
    this.#fail(runStoppedError(reason));
  }

  /** Says again what a controller needs to know that was not there when it was said. */
  #tellAgain(): void {
    if (this.#state === 'ended' || this.#state === 'opening') return;
    this.#sendReady();
    if (this.#stage.isLoaded) this.#link.send(this.#stage.loadedMessage);
  }

  #abort(reason: string, byController: boolean): void {
    if (this.#state !== 'ended' && this.#state !== 'stopping') {
      this.#log.warn(`Stopping the run: ${reason}`, { toldOtherwise: byController });
    }
    this.#input('abort', reason);
  }

  #input(input: RunInput, reason: string): void {
    const before = this.#state;
    const { effects, state } = runTransition(before, input);
    this.#state = state;
    if (state !== before) this.#log.debug(`Run: ${before} -> ${state} (${input}: ${reason})`);
    if (effects.includes('report-violation')) {
      this.#violation = `"${input}" does not fit the state "${before}"`;
    }
    for (const effect of effects) this.#perform(effect);
  }

  /** Ends the run with an error that goes to the controller. */
  #fail(error: unknown): void {
    this.#failure = BenchError.from(error);
    this.#input('failure', summarizeError(error));
  }

  #perform(effect: RunEffect): void {
    switch (effect) {
      case 'open-host':
        this.#openHost();
        return;
      case 'send-ready':
        this.#sendReady();
        return;
      case 'load-stage':
        this.#host?.send(this.#stage.loadCommand);
        return;
      case 'send-loaded':
        this.#link.send(this.#stage.loadedMessage);
        return;
      case 'begin-stage':
        this.#beginStage();
        return;
      case 'stop-stage':
        this.#host?.stopStage();
        return;
      case 'send-summary':
        this.#sendSummary();
        return;
      case 'close-host':
        this.#host?.close((error) => {
          this.#fail(error);
        });
        return;
      case 'report-failure':
        this.#sendFailure(this.#failure);
        return;
      case 'report-violation':
        this.#sendFailure(violationError(this.#violation));
        return;
      case 'stop-host':
        this.#stopHost();
        return;
      case 'kill-host':
        void this.#killHost();
        return;
      case 'send-ended':
        void this.#end();
        return;
    }
  }

  #openHost(): void {
    try {
      this.#opened = openPlan(this.start.planJson, this.#workers);
      const { layout, plan } = this.#opened;
      const path = this.#link.openCopy(this.#temporaryDirectory, plan.agentId);
      const place = path === undefined ? '' : `, temporary directory ${path}`;
      this.#log.info(`Run ${plan.runId} as ${plan.agentId}${place}`);
      for (const line of describePlan(plan, layout)) this.#log.info(line);
      const run = { plan, directory: path, env: process.env };
      this.#host = new SessionHost(this.#log, run, {
        threadPoolSize: layout.threadPoolSize,
        env: environmentWith(process.env, this.#credentials),
        onEvent: (event) => {
          this.#hostEvent(event);
        },
        onDeath: (error) => {
          this.#failure = error;
          this.#input('host-gone', error.message);
        },
      });
      this.#credentials = new Map();
      this.#host.send({
        type: 'open',
        plan,
        layout,
        agentIds: this.start.agentIds,
        startedAtMs: Number(this.start.startedAtMs),
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #hostEvent(event: HostEvent): void {
    switch (event.type) {
      case 'opened':
        this.#pools = event.pools;
        this.#input('opened', 'workers are running');
        return;
      case 'progress':
        this.#stage.progress(event.progress);
        this.#link.send(forwardedMessage(event));
        return;
      case 'states':
      case 'states-taken':
      case 'stage-loading':
        this.#link.send(forwardedMessage(event));
        return;
      case 'tidying-up':
        this.#host?.movedOn();
        this.#link.send(forwardedMessage(event));
        return;
      case 'notice':
        this.#log[event.level](event.text);
        return;
      case 'stage-loaded':
        this.#stage.loaded(event);
        this.#input('loaded', `stage ${String(event.stage)}`);
        return;
      case 'endpoint-changed':
        this.#log.warn(describeChange(event.change), { toldOtherwise: true });
        return;
      case 'stage-ended':
        this.#stage.ended(event.report);
        this.#input('stage-ended', event.report.outcome);
        return;
      case 'failed':
        this.#fail(hostError(event.error));
        return;
      case 'closed':
        this.#input('closed', 'tidied up');
        return;
      case 'checking':
      case 'finding':
      case 'sight':
      case 'checked':
        return;
    }
  }

  #sendReady(): void {
    if (this.#opened === undefined) return;
    const { layout, plan } = this.#opened;
    this.#link.send(readyMessage(readEnvironment(plan, layout), this.#pools));
  }

  #beginStage(): void {
    if (this.#opened === undefined) return;
    try {
      this.#host?.send(this.#stage.begin(this.#opened.plan));
    } catch (error) {
      this.#fail(error);
    }
  }

  #sendSummary(): void {
    const message = this.#stage.summaryMessage;
    if (message !== undefined) this.#link.sendSummary(message);
  }

  #sendFailure(error: BenchError): void {
    this.#log.error(`✗ ${summarizeError(error)}`, { toldOtherwise: true });
    this.#link.send(failedMessage(error));
  }

  /** Lets a running stage end with what it has done; kills the process when it takes too long. */
  #stopHost(): void {
    if (!this.#stage.isRunning) {
      void this.#killHost();
      return;
    }
    this.#host?.stop(() => {
      void this.#killHost();
    });
  }

  async #killHost(): Promise<void> {
    const gone = (await this.#host?.kill()) ?? true;
    this.#input('host-gone', gone ? 'ended' : 'abandoned');
  }

  /** Ends the run, but not before the controller could say that it has the results. */
  async #end(): Promise<void> {
    this.#host?.forgetLimits();
    this.#log.terminal.clear();
    await this.#link.settle();
    this.#log.info(`Run ${this.start.runId} has ended; waiting for the next`);
    this.#stopListening();
    this.#link.end();
    this.#resolveEnded();
  }

  /** How long the controller may show no sign of life now before its stream counts as broken; undefined: any time. */
  #silenceLimitMs(): number | undefined {
    if (this.#state === 'stopping') return undefined;
    return this.#opened?.plan.stages[this.#stage.index]?.barrier.agentBarrierTimeoutMs;
  }
}
