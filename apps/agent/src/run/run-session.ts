import {
  logToWire,
  type RunEffect,
  type RunRequest,
  type RunState,
} from '@sai3bench/barrier-protocol';
import { type BenchError, summarizeError } from '@sai3bench/errors';
import { AgentClock, hostClocks } from '../agent-clock.ts';
import type { AgentLog } from '../console/agent-log.ts';
import { describeWait } from '../console/describe-wait.ts';
import type { Credentials } from '../secrets/credentials.ts';
import type { EventStream } from './event-stream.ts';
import { type CommandOf, failedMessage, statesGiven, statesWanted } from './run-messages.ts';
import { agentStoppedError, controllerAwayError, runStoppedError } from './session-errors.ts';
import { SessionLink } from './session-link.ts';
import type { StageStatus } from './session-stage.ts';
import { SessionState } from './session-state.ts';
import { SessionWork } from './session-work.ts';

/** How a run is doing. */
export interface SessionStatus {
  readonly state: RunState;
  /** Undefined while the plan is not understood. */
  readonly stage: StageStatus | undefined;
  readonly link: SessionLink['status'];
}

/**
 * One run on this agent: what its controllers say and what comes of its work are the inputs of its state, the effects of
 * which are carried out here.
 */
export class RunSession {
  readonly start: CommandOf<'startRun'>;
  /** Resolves when the agent does nothing more for the run. What its controller does not have is kept. */
  readonly ended: Promise<void>;
  readonly #log: AgentLog;
  readonly #stopListening: () => void;
  readonly #state: SessionState;
  readonly #link: SessionLink;
  readonly #work: SessionWork;
  /** Why the controller has ended the run before its time. */
  #endReason = '';
  #resolveEnded: () => void = () => undefined;

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
    this.#state = new SessionState(log, (effect) => {
      this.#perform(effect);
    });
    this.#link = new SessionLink({
      ...{ start, log },
      silenceLimitMs: () => this.#silenceLimitMs(),
      isOver: () => this.#state.current === 'ended',
      onGraceOver: (awayMs) => {
        this.#state.fail(controllerAwayError(awayMs, start.reconnectGraceMs));
      },
    });
    this.#work = new SessionWork({
      ...{ start, log, clock, workers, credentials },
      openCopy: (agentId) => this.#link.openCopy(temporaryDirectory, agentId),
      send: (message) => {
        this.#link.send(message);
      },
      onInput: (input, reason) => {
        this.#state.take(input, reason);
      },
      onFailure: (error) => {
        this.#state.fail(error);
      },
      onDeath: (error) => {
        this.#state.hostDied(error);
      },
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#stopListening = log.listen((entry) => {
      this.#link.send({ case: 'logRecord', value: logToWire(entry) });
      this.#link.addLog(entry);
    });
    this.#state.take('start', `controller ${start.controllerVersion}`);
  }

  get status(): SessionStatus {
    const { plan, stage } = this.#work;
    return {
      state: this.#state.current,
      stage: plan === undefined ? undefined : stage.status(plan),
      link: this.#link.status,
    };
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
    const stream = this.#link.attach(attach, this.#state.current, this.#work.stage.index);
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
        this.#work.stage.choose(command.value);
        this.#state.take('load', `stage ${String(command.value.stage)}`);
        return;
      case 'beginStage':
        this.#work.stage.schedule(command.value);
        this.#state.take('begin', `stage ${String(command.value.stage)}`);
        return;
      case 'stopStage':
        this.#state.take('stop-stage', command.value.reason);
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
        this.#state.take('finish', 'all stages are done');
        return;
      case 'startRun':
        this.#state.take('start', 'a second start');
        return;
      case 'sendStates':
        this.#work.tell(statesWanted(command.value));
        return;
      case 'takeStates':
        this.#work.tell(statesGiven(command.value));
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
    if (!this.#state.isEnding) this.#state.fail(agentStoppedError(reason));
  }

  /** Stops everything because somebody has asked for it who does not hold the stream of the run. */
  stopOnRequest(reason: string): void {
    if (!this.#state.isEnding) this.#state.fail(runStoppedError(reason));
  }

  /** Says again what a controller needs to know that was not there when it was said. */
  #tellAgain(): void {
    if (this.#state.current === 'ended' || this.#state.current === 'opening') return;
    this.#sendReady();
    if (this.#work.stage.isLoaded) this.#link.send(this.#work.stage.loadedMessage);
  }

  #abort(reason: string, byController: boolean): void {
    if (!this.#state.isEnding) {
      this.#log.warn(`Stopping the run: ${reason}`, { toldOtherwise: byController });
      if (byController) this.#endReason = reason;
    }
    this.#state.take('abort', reason);
  }

  #perform(effect: RunEffect): void {
    switch (effect) {
      case 'open-host':
        this.#work.open();
        return;
      case 'send-ready':
        this.#sendReady();
        return;
      case 'load-stage':
        this.#work.loadStage();
        return;
      case 'send-loaded':
        this.#link.send(this.#work.stage.loadedMessage);
        return;
      case 'begin-stage':
        this.#work.beginStage();
        return;
      case 'stop-stage':
        this.#work.stopStage();
        return;
      case 'send-summary':
        this.#sendSummary();
        return;
      case 'close-host':
        this.#work.close();
        return;
      case 'report-failure':
        this.#sendFailure(this.#state.failure);
        return;
      case 'report-violation':
        this.#sendFailure(this.#state.violation);
        return;
      case 'stop-host':
        this.#work.stop();
        return;
      case 'kill-host':
        void this.#work.kill();
        return;
      case 'send-ended':
        void this.#end();
        return;
    }
  }

  #sendReady(): void {
    const message = this.#work.readyMessage;
    if (message !== undefined) this.#link.send(message);
  }

  #sendSummary(): void {
    const message = this.#work.stage.summaryMessage;
    if (message !== undefined) this.#link.sendSummary(message);
  }

  #sendFailure(error: BenchError): void {
    this.#log.error(`✗ ${summarizeError(error)}`, { toldOtherwise: true });
    this.#link.send(failedMessage(error));
  }

  /** Ends the run, but not before the controller could say that it has the results. */
  async #end(): Promise<void> {
    this.#work.forgetLimits();
    this.#log.terminal.clear();
    await this.#link.settle();
    this.#log.info(`Run ${this.start.runId} has ended; waiting for the next`);
    this.#stopListening();
    this.#link.end(this.#endReason);
    this.#resolveEnded();
  }

  /** How long the controller may show no sign of life now before its stream counts as broken; undefined: any time. */
  #silenceLimitMs(): number | undefined {
    if (this.#state.current === 'stopping') return undefined;
    const { plan, stage } = this.#work;
    return plan?.stages[stage.index]?.barrier.agentBarrierTimeoutMs;
  }
}
