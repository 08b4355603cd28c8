import { conditionFromWire, summaryToWire } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { HostCommand, IntervalProgress, StageReport } from '@sai3bench/workload-engine';
import type { AgentClock } from '../agent-clock.ts';
import type { AgentLog } from '../console/agent-log.ts';
import { describeLength } from '../console/describe-plan.ts';
import {
  type CommandOf,
  type LoadedStage,
  loadCommand,
  loadedMessage,
  type RunMessage,
} from './run-messages.ts';
import { type StageCounts, StageReporter } from './stage-reporter.ts';

/** How a stage is doing; without counts while it has not begun. */
export interface StageStatus extends Partial<StageCounts> {
  readonly index: number;
  readonly name: string;
}

/** The stage that a run is at, from the command to load it to its results. */
export class SessionStage {
  readonly #log: AgentLog;
  readonly #clock: AgentClock;
  #index = 0;
  #load: HostCommand = loadCommand({ stage: 0, startOver: false, goOnWith: [] });
  #loaded: LoadedStage = { existing: 0, missing: 0, pools: [] };
  #start: Pick<CommandOf<'beginStage'>, 'startAtMonotonicNs' | 'pools'> = {
    startAtMonotonicNs: 0n,
    pools: [],
  };
  #reporter: StageReporter | undefined;
  #isLoaded = false;
  #isRunning = false;
  #report: StageReport | undefined;

  constructor(log: AgentLog, clock: AgentClock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Where it is among the stages of the plan. */
  get index(): number {
    return this.#index;
  }

  /** Whether the process that does the I/O has been told to begin, and has not reported the end. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Whether it has been loaded, and has not been begun since. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** What there is to say of it at any time. */
  status(plan: AgentPlan): StageStatus {
    const stage = plan.stages[this.#index];
    return { index: this.#index, name: stage?.name ?? '', ...this.#reporter?.counts };
  }

  /** What the process that does the I/O is told to load it. */
  get loadCommand(): HostCommand {
    return this.#load;
  }

  get loadedMessage(): RunMessage {
    return loadedMessage(this.#index, this.#loaded);
  }

  /** The results; undefined before the end of the first stage. */
  get summaryMessage(): RunMessage | undefined {
    if (this.#report === undefined) return undefined;
    const errors = this.#report.errors.map((group) => ({
      ...group,
      firstAtMs: this.#clock.unixMsOfHost(group.firstAtMs),
      lastAtMs: this.#clock.unixMsOfHost(group.lastAtMs),
    }));
    return {
      case: 'stageSummary',
      value: summaryToWire(this.#index, { ...this.#report, errors }),
    };
  }

  choose(load: CommandOf<'loadStage'>): void {
    this.#index = load.stage;
    this.#isLoaded = false;
    this.#reporter = undefined;
    this.#load = loadCommand(load);
  }

  loaded(loaded: LoadedStage): void {
    this.#loaded = loaded;
    this.#isLoaded = true;
  }

  /** Notes when it is to begin, and with what. */
  schedule(start: CommandOf<'beginStage'>): void {
    this.#start = start;
  }

  /**
   * Shows that it begins.
   *
   * @returns what the process that does the I/O is told
   * @throws BenchError `NO_SUCH_STAGE`
   */
  begin({ concurrency, stages }: AgentPlan): HostCommand {
    const stage = stages[this.#index];
    if (stage === undefined) {
      throw new BenchError(`the plan has no stage ${String(this.#index)}`, {
        code: 'NO_SUCH_STAGE',
        class: 'internal',
      });
    }
    this.#log.info(
      `=== Stage ${String(this.#index + 1)}/${String(stages.length)}: ${stage.name} (${stage.kind}), ${describeLength(stage)} ===`,
    );
    this.#reporter = new StageReporter(this.#log, stage, concurrency);
    this.#isRunning = true;
    this.#isLoaded = false;
    const { pools, startAtMonotonicNs } = this.#start;
    return {
      type: 'begin-stage',
      stage: this.#index,
      startAtNs: Number(this.#clock.hostNs(startAtMonotonicNs)),
      pools: pools.map(conditionFromWire),
    };
  }

  progress(progress: IntervalProgress): void {
    this.#reporter?.progress(progress);
  }

  ended(report: StageReport): void {
    this.#isRunning = false;
    this.#report = report;
    this.#reporter?.ended(report);
  }
}
