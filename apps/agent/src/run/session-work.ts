import type { RunInput } from '@sai3bench/barrier-protocol';
import type { BenchError } from '@sai3bench/errors';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { HostCommand, HostEvent, PoolKnowledge } from '@sai3bench/workload-engine';
import type { AgentClock } from '../agent-clock.ts';
import type { AgentLog } from '../console/agent-log.ts';
import { describeChange } from '../console/describe-change.ts';
import { describePlan } from '../console/describe-plan.ts';
import { readEnvironment } from '../environment.ts';
import { type Credentials, environmentWith } from '../secrets/credentials.ts';
import { type OpenedPlan, openPlan } from './opened-plan.ts';
import { type CommandOf, forwardedMessage, readyMessage, type RunMessage } from './run-messages.ts';
import { hostError } from './session-errors.ts';
import { SessionHost } from './session-host.ts';
import { SessionStage } from './session-stage.ts';

/** What the work of a run has to do with the rest of it. */
export interface SessionWorkOptions {
  readonly start: CommandOf<'startRun'>;
  readonly log: AgentLog;
  readonly clock: AgentClock;
  /** Worker threads to use, where the plan leaves the choice. */
  readonly workers: number | undefined;
  /** For the process that does the I/O, and nobody else. */
  readonly credentials: Credentials;
  /** Makes the directory of the agent's own copy of the results; undefined when none could be made. */
  readonly openCopy: (agentId: string) => string | undefined;
  readonly send: (message: RunMessage) => void;
  readonly onInput: (input: RunInput, reason: string) => void;
  /** The work cannot go on. */
  readonly onFailure: (error: unknown) => void;
  /** The process that does the I/O has ended without having been told to. */
  readonly onDeath: (error: BenchError) => void;
}

/** The work of a run on this host: its plan, the process that does its I/O, and the stage that it is at. */
export class SessionWork {
  readonly stage: SessionStage;
  readonly #options: SessionWorkOptions;
  #credentials: Credentials;
  #opened: OpenedPlan | undefined;
  #host: SessionHost | undefined;
  #pools: readonly PoolKnowledge[] = [];

  constructor(options: SessionWorkOptions) {
    const { clock, credentials, log } = options;
    this.stage = new SessionStage(log, clock);
    this.#options = options;
    this.#credentials = credentials;
  }

  /** Undefined while it is not understood. */
  get plan(): AgentPlan | undefined {
    return this.#opened?.plan;
  }

  /** What the controller needs to know before the first stage; undefined while the plan is not understood. */
  get readyMessage(): RunMessage | undefined {
    if (this.#opened === undefined) return undefined;
    const { layout, plan } = this.#opened;
    return readyMessage(readEnvironment(plan, layout), this.#pools);
  }

  /** Understands the plan, and starts the process that does the I/O. */
  open(): void {
    const { log, onDeath, onFailure, openCopy, start, workers } = this.#options;
    try {
      this.#opened = openPlan(start.planJson, workers);
      const { layout, plan } = this.#opened;
      const path = openCopy(plan.agentId);
      const place = path === undefined ? '' : `, temporary directory ${path}`;
      log.info(`Run ${plan.runId} as ${plan.agentId}${place}`);
      for (const line of describePlan(plan, layout)) log.info(line);
      const run = { plan, directory: path, env: process.env };
      this.#host = new SessionHost(log, run, {
        threadPoolSize: layout.threadPoolSize,
        env: environmentWith(process.env, this.#credentials),
        onEvent: (event) => {
          this.#hostEvent(event);
        },
        onDeath,
      });
      this.#credentials = new Map();
      this.#host.send({
        type: 'open',
        plan,
        layout,
        agentIds: start.agentIds,
        startedAtMs: Number(start.startedAtMs),
      });
    } catch (error) {
      onFailure(error);
    }
  }

  /** Tells the process that does the I/O something; nothing while there is none. */
  tell(command: HostCommand): void {
    this.#host?.send(command);
  }

  loadStage(): void {
    this.#host?.send(this.stage.loadCommand);
  }

  beginStage(): void {
    if (this.#opened === undefined) return;
    try {
      this.#host?.send(this.stage.begin(this.#opened.plan));
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  /** Lets a running stage end with what it has done; others may follow. */
  stopStage(): void {
    this.#host?.stopStage();
  }

  /** Has the process tidy up and end. */
  close(): void {
    this.#host?.close(this.#options.onFailure);
  }

  /** Lets a running stage end with what it has done; kills the process when it takes too long. */
  stop(): void {
    if (!this.stage.isRunning) {
      void this.kill();
      return;
    }
    this.#host?.stop(() => {
      void this.kill();
    });
  }

  async kill(): Promise<void> {
    const gone = (await this.#host?.kill()) ?? true;
    this.#options.onInput('host-gone', gone ? 'ended' : 'abandoned');
  }

  /** Waits for nothing any more. */
  forgetLimits(): void {
    this.#host?.forgetLimits();
  }

  #hostEvent(event: HostEvent): void {
    const { log, onFailure, onInput, send } = this.#options;
    switch (event.type) {
      case 'opened':
        this.#pools = event.pools;
        onInput('opened', 'workers are running');
        return;
      case 'progress':
        this.stage.progress(event.progress);
        send(forwardedMessage(event));
        return;
      case 'states':
      case 'states-taken':
      case 'stage-loading':
        send(forwardedMessage(event));
        return;
      case 'tidying-up':
        this.#host?.movedOn();
        send(forwardedMessage(event));
        return;
      case 'notice':
        log[event.level](event.text);
        return;
      case 'stage-loaded':
        this.stage.loaded(event);
        onInput('loaded', `stage ${String(event.stage)}`);
        return;
      case 'endpoint-changed':
        log.warn(describeChange(event.change), { toldOtherwise: true });
        return;
      case 'stage-ended':
        this.stage.ended(event.report);
        onInput('stage-ended', event.report.outcome);
        return;
      case 'failed':
        onFailure(hostError(event.error));
        return;
      case 'closed':
        onInput('closed', 'tidied up');
        return;
      case 'checking':
      case 'finding':
      case 'sight':
      case 'checked':
        return;
    }
  }
}
