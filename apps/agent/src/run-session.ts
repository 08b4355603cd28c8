import { create, toJsonString } from '@bufbuild/protobuf';
import {
  errorToWire,
  knowledgeToWire,
  logToWire,
  progressToWire,
  PushQueue,
  type RunEffect,
  type RunInput,
  type RunRequest,
  type RunResponse,
  RunResponseSchema,
  type RunState,
  runTransition,
  summaryToWire,
} from '@sai3bench/barrier-protocol';
import { BenchError, formatError, summarizeError, toErrorRecord } from '@sai3bench/errors';
import { type AgentPlan, parseAgentPlan } from '@sai3bench/workload-config';
import {
  chooseWorkers,
  type HostEvent,
  type HostCommand,
  HostProcess,
  layOutThreads,
  type PoolKnowledge,
  readCpuLimits,
  type StageReport,
  type ThreadLayout,
} from '@sai3bench/workload-engine';
import type { AgentLog } from './agent-log.ts';
import { describeChange } from './describe-change.ts';
import { describeLength, describePlan } from './describe-plan.ts';
import { readEnvironment } from './environment.ts';
import { Handover } from './handover.ts';
import { RunFiles } from './run-files.ts';
import { StageReporter } from './stage-reporter.ts';

/** How long the I/O process may take to stop by itself before it is killed. */
const STOP_GRACE_MS = 1_500;
/** How long a killed process may take to be gone before it is abandoned. */
const KILL_GRACE_MS = 300;
/** How long tidying up at the end may take. */
const CLOSE_GRACE_MS = 10_000;
/** How long the controller may take to acknowledge the last results. */
const ACKNOWLEDGE_GRACE_MS = 300;
const WATCH_INTERVAL_MS = 500;

type StartRun = Extract<RunRequest['command'], { case: 'startRun' }>['value'];
type RunEventValue = RunResponse['event'];

/**
 * One run on this agent. Its life is the table in `barrier-protocol`: inputs come from the controller and from the
 * process that does the I/O, effects are carried out here.
 */
export class RunSession {
  readonly start: StartRun;
  /** What is to be sent to the controller; closed when the run has ended. */
  readonly events = new PushQueue<RunResponse>();
  readonly ended: Promise<void>;
  readonly #log: AgentLog;
  readonly #stopListening: () => void;
  readonly #temporaryDirectory: string;
  readonly #workers: number | undefined;
  readonly #handover = new Handover((act, afterMs) => {
    const timer = setTimeout(act, afterMs);
    return () => {
      clearTimeout(timer);
    };
  });
  #resolveEnded: () => void = () => undefined;
  #state: RunState = 'idle';
  #plan: AgentPlan | undefined;
  #layout: ThreadLayout | undefined;
  #host: HostProcess | undefined;
  #files: RunFiles | undefined;
  #reporter: StageReporter | undefined;
  #left = false;
  #sequence = 0;
  #stage = 0;
  #stageRunning = false;
  #startOver = false;
  #pools: readonly PoolKnowledge[] = [];
  /** The agent's objects that are there, and that are to be made. */
  #objects = { existing: 0, missing: 0 };
  #startAtNs = 0n;
  #report: StageReport | undefined;
  #failure = new BenchError('no failure', { code: 'NONE', class: 'internal' });
  #violation = '';
  #stopTimer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #heardAtMs = performance.now();
  #sentAtMs = performance.now();

  /**
   * @param temporaryDirectory is where the agent may keep its own copy of the results
   * @param workers worker threads to use, where the plan leaves the choice
   */
  constructor(start: StartRun, log: AgentLog, temporaryDirectory: string, workers?: number) {
    this.start = start;
    this.#log = log;
    this.#workers = workers;
    this.#temporaryDirectory = temporaryDirectory;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#stopListening = log.listen((entry) => {
      this.#send({ case: 'logRecord', value: logToWire(entry) });
      this.#files?.addLog(entry);
    });
    this.#watch = setInterval(() => {
      this.#watchLink();
    }, WATCH_INTERVAL_MS);
    this.#input('start', `controller ${start.controllerVersion}`);
  }

  /** Takes a command of the controller. */
  command(request: RunRequest): void {
    this.#heardAtMs = performance.now();
    const { command } = request;
    switch (command.case) {
      case 'loadStage':
        this.#stage = command.value.stage;
        this.#startOver = command.value.startOver;
        this.#input('load', `stage ${String(this.#stage)}`);
        return;
      case 'beginStage':
        this.#startAtNs = command.value.startAtMonotonicNs;
        this.#input('begin', `stage ${String(command.value.stage)}`);
        return;
      case 'acknowledge':
        this.#acknowledge(Number(command.value.sequence));
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
    this.#fail(
      new BenchError(reason, {
        code: 'AGENT_STOPPED',
        class: 'internal',
        hint: 'somebody stopped the agent: start it again, and then the run',
      }),
    );
  }

  /** Stops everything because the controller can be neither heard nor reached any more. */
  linkLost(): void {
    this.#handover.linkLost();
    this.abort('the link to the controller was lost');
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
        this.#send({
          case: 'ready',
          value: {
            $typeName: 'sai3bench.agent.v1.RunReady',
            environmentJson: JSON.stringify(readEnvironment(this.#openPlan(), this.#openLayout())),
            pools: this.#pools.map(knowledgeToWire),
          },
        });
        return;
      case 'load-stage':
        this.#host?.send({
          type: 'load-stage',
          stage: this.#stage,
          startOver: this.#startOver,
        });
        return;
      case 'send-loaded':
        this.#send({
          case: 'stageLoaded',
          value: {
            $typeName: 'sai3bench.agent.v1.StageLoaded',
            stage: this.#stage,
            objectsExisting: BigInt(this.#objects.existing),
            objectsMissing: BigInt(this.#objects.missing),
          },
        });
        return;
      case 'begin-stage':
        this.#beginStage();
        return;
      case 'send-summary':
        this.#sendSummary();
        return;
      case 'close-host':
        this.#host?.send({ type: 'close' });
        this.#after(CLOSE_GRACE_MS, () => {
          this.#fail(
            new BenchError('tidying up did not end', { code: 'CLOSE_TIMEOUT', class: 'timeout' }),
          );
        });
        return;
      case 'report-failure':
        this.#sendFailure(this.#failure);
        return;
      case 'report-violation':
        this.#sendFailure(
          new BenchError(`the controller sent a command out of order: ${this.#violation}`, {
            code: 'PROTOCOL_VIOLATION',
            class: 'internal',
            hint: 'use the same version of sai3bench-ctl and sai3bench-agent',
          }),
        );
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
      const plan = parseAgentPlan(this.start.planJson);
      this.#plan = plan;
      const files = new RunFiles(this.#temporaryDirectory, plan.agentId, (error) => {
        this.#log.warn(`⚠ ${formatError(error)}`);
      });
      this.#files = files;
      const place = files.path === undefined ? '' : `, temporary directory ${files.path}`;
      this.#log.info(`Run ${plan.runId} as ${plan.agentId}${place}`);
      const layout = layOutThreads(plan, chooseWorkers(this.#workers, readCpuLimits()));
      this.#layout = layout;
      for (const line of describePlan(plan, layout)) this.#log.info(line);
      this.#host = new HostProcess({
        threadPoolSize: layout.threadPoolSize,
        onEvent: (event) => {
          this.#hostEvent(event);
        },
        onDeath: (error) => {
          this.#failure = error;
          this.#input('host-gone', error.message);
        },
      });
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
      case 'states':
        this.#send({
          case: 'states',
          value: {
            $typeName: 'sai3bench.agent.v1.States',
            request: event.request,
            states: event.states,
          },
        });
        return;
      case 'states-taken':
        this.#send({
          case: 'statesTaken',
          value: { $typeName: 'sai3bench.agent.v1.StatesTaken', request: event.request },
        });
        return;
      case 'stage-loading':
        this.#send({
          case: 'stageLoading',
          value: {
            $typeName: 'sai3bench.agent.v1.StageLoading',
            stage: event.stage,
            what: event.what,
            done: BigInt(event.done),
            total: BigInt(event.total),
          },
        });
        return;
      case 'notice':
        this.#log[event.level](event.text);
        return;
      case 'stage-loaded':
        this.#objects = event;
        this.#input('loaded', `stage ${String(event.stage)}`);
        return;
      case 'progress':
        this.#reporter?.progress(event.progress);
        this.#send({
          case: 'stageProgress',
          value: progressToWire(event.stage, event.progress),
        });
        return;
      case 'endpoint-changed':
        this.#log.warn(describeChange(event.change), { toldOtherwise: true });
        return;
      case 'stage-ended':
        this.#stageRunning = false;
        this.#report = event.report;
        this.#reporter?.ended(event.report);
        this.#input('stage-ended', event.report.outcome);
        return;
      case 'failed':
        this.#fail(
          new BenchError(event.error.message, {
            ...event.error,
            cause: { message: event.error.causes.join(': ') },
          }),
        );
        return;
      case 'closed':
        this.#input('closed', 'tidied up');
        return;
      case 'checking':
      case 'finding':
      case 'checked':
        return;
    }
  }

  #beginStage(): void {
    const plan = this.#openPlan();
    const stage = plan.stages[this.#stage];
    if (stage === undefined) {
      this.#fail(
        new BenchError(`the plan has no stage ${String(this.#stage)}`, {
          code: 'NO_SUCH_STAGE',
          class: 'internal',
        }),
      );
      return;
    }
    this.#log.info(
      `=== Stage ${String(this.#stage + 1)}/${String(plan.stages.length)}: ${stage.name} (${stage.kind}), ${describeLength(stage.durationMs)} ===`,
    );
    this.#reporter = new StageReporter(this.#log, stage, plan.concurrency);
    this.#stageRunning = true;
    this.#host?.send({
      type: 'begin-stage',
      stage: this.#stage,
      startAtNs: Number(this.#startAtNs),
    });
  }

  #sendSummary(): void {
    if (this.#report === undefined) return;
    const summary = summaryToWire(this.#stage, this.#report);
    const sent = this.#send({ case: 'stageSummary', value: summary });
    this.#handover.sent(sent.sequence);
    this.#files?.keepSummary(sent.sequence, toJsonString(RunResponseSchema, sent.response));
  }

  #acknowledge(sequence: number): void {
    const taken = this.#handover.acknowledge(sequence);
    for (const summary of taken) this.#files?.forgetSummary(summary);
    const isLate = this.#left && taken.length > 0;
    if (isLate && this.#handover.isDone && this.#files?.remove() === true) {
      this.#log.info('The controller has taken over the rest of the results: none are kept here');
    }
  }

  #sendFailure(error: BenchError): void {
    this.#log.error(`✗ ${summarizeError(error)}`, { toldOtherwise: true });
    this.#send({
      case: 'runFailed',
      value: {
        $typeName: 'sai3bench.agent.v1.RunFailed',
        error: errorToWire(toErrorRecord(error)),
      },
    });
  }

  /** Lets a running stage end with what it has done; kills the process when it takes too long. */
  #stopHost(): void {
    if (!this.#stageRunning) {
      void this.#killHost();
      return;
    }
    this.#host?.send({ type: 'stop', reason: 'the run is being stopped' });
    this.#after(STOP_GRACE_MS, () => {
      void this.#killHost();
    });
  }

  async #killHost(): Promise<void> {
    clearTimeout(this.#stopTimer);
    const gone = (await this.#host?.kill(KILL_GRACE_MS)) ?? true;
    if (!gone) {
      this.#log.warn(
        `The I/O process ${String(this.#host?.pid)} is stuck in a system call and was abandoned: it ends when the call returns`,
      );
    }
    this.#input('host-gone', gone ? 'ended' : 'abandoned');
  }

  /** Ends the run, but not before the controller could say that it has the results. */
  async #end(): Promise<void> {
    clearTimeout(this.#stopTimer);
    clearInterval(this.#watch);
    this.#log.terminal.clear();
    await this.#handover.settle(ACKNOWLEDGE_GRACE_MS);
    this.#log.info(`Run ${this.start.runId} has ended; waiting for the next`);
    this.#send({ case: 'runEnded', value: { $typeName: 'sai3bench.agent.v1.RunEnded' } });
    this.#stopListening();
    this.events.close();
    this.#left = true;
    if (this.#files?.remove() === false) {
      this.#log.warn(
        `Results that the controller has not taken over are kept in ${String(this.#files.path)}`,
      );
    }
    this.#resolveEnded();
  }

  /** Sends signs of life, and gives the run up when the controller shows none. */
  #watchLink(): void {
    const nowMs = performance.now();
    if (nowMs - this.#sentAtMs >= this.start.heartbeatIntervalMs / 2) {
      this.#send({ case: 'heartbeat', value: { $typeName: 'sai3bench.agent.v1.Heartbeat' } });
    }
    const limitMs = this.#plan?.stages[this.#stage]?.barrier.agentBarrierTimeoutMs;
    if (limitMs !== undefined && nowMs - this.#heardAtMs > limitMs && this.#state !== 'stopping') {
      this.abort(`no sign of the controller for ${String(Math.round(limitMs / 1000))} s`);
    }
  }

  #send(event: RunEventValue): { sequence: number; response: RunResponse } {
    this.#sentAtMs = performance.now();
    const sequence = ++this.#sequence;
    const response = create(RunResponseSchema, { sequence: BigInt(sequence), event });
    this.events.push(response);
    return { sequence, response };
  }

  #openPlan(): AgentPlan {
    if (this.#plan !== undefined) return this.#plan;
    throw new BenchError('no plan is open', { code: 'NO_PLAN', class: 'internal' });
  }

  #openLayout(): ThreadLayout {
    if (this.#layout !== undefined) return this.#layout;
    throw new BenchError('no plan is open', { code: 'NO_PLAN', class: 'internal' });
  }

  #after(delayMs: number, act: () => void): void {
    clearTimeout(this.#stopTimer);
    this.#stopTimer = setTimeout(act, delayMs);
  }
}

type SendStates = Extract<RunRequest['command'], { case: 'sendStates' }>['value'];
type TakeStates = Extract<RunRequest['command'], { case: 'takeStates' }>['value'];

function statesWanted({ begin, end, identity, request }: SendStates): HostCommand {
  return { type: 'send-states', request, identity, begin: Number(begin), end: Number(end) };
}

function statesGiven(given: TakeStates): HostCommand {
  const { begin, end, generation, identity, request, sequence, states } = given;
  return {
    type: 'take-states',
    request,
    identity,
    range: {
      begin: Number(begin),
      end: Number(end),
      generation: Number(generation),
      sequence: Number(sequence),
    },
    states,
  };
}
