import { BenchError, formatError, summarizeError, toErrorRecord } from '@sai3bench/errors';
import { type AgentPlan, runsMix, type StagePlan } from '@sai3bench/workload-config/plan';
import { monotonicClock } from '../clock.ts';
import { expectsObjects } from '../dataset/finding/unmade-objects.ts';
import type { OnProgress } from '../dataset/on-progress.ts';
import { poolIdentity } from '../dataset/pools/pool-identity.ts';
import { RunDataset } from '../dataset/run-dataset.ts';
import type { KeyListMemory } from '../memory/key-list.ts';
import { allocateStageMemory, type StageMemory } from '../memory/stage-memory.ts';
import { runPreflight } from '../preflight/run-preflight.ts';
import type { OtherParts } from '../selection/object-picker.ts';
import { errorLimitsOf } from '../stage/error-limits.ts';
import { countTasks } from './count-tasks.ts';
import type { HostCommand, HostEvent, PoolCondition, StageReport } from './host-messages.ts';
import { listKeys } from './list-keys.ts';
import { nowAndThen } from './now-and-then.ts';
import { StageRun } from './stage-run.ts';
import { TidyUp } from './tidy-up.ts';
import { WorkerFleet } from './worker-fleet.ts';

/** What is about the run, not about the process that carries it out. */
export type RunCommand = Exclude<HostCommand, { type: 'guard' }>;

/** The process that does an agent's I/O: checks, worker threads, stages. Commands are carried out in turn. */
export class RunHost {
  readonly #emit: (event: HostEvent) => void;
  readonly #nowNs = monotonicClock();
  readonly #listed = new Map<number, KeyListMemory>();
  readonly #endpointsOut = new Set<string>();
  readonly #stopping = new AbortController();
  #fleet: WorkerFleet | undefined;
  #running: StageRun | undefined;
  #dataset: RunDataset | undefined;
  #tidyUp: TidyUp | undefined;
  readonly #tidyingUp: OnProgress = nowAndThen((what, done, total) => {
    this.#emit({ type: 'tidying-up', what, done, total });
  });
  /** Own objects that were there before the prepare stage. */
  #existing = 0;
  #stageMemory: StageMemory | undefined;
  #prepared = false;

  constructor(emit: (event: HostEvent) => void) {
    this.#emit = emit;
  }

  /** Carries out one command; what fails is reported, not thrown. */
  async handle(command: RunCommand): Promise<void> {
    try {
      await this.#perform(command);
    } catch (error) {
      this.#emit({ type: 'failed', error: toErrorRecord(error) });
    }
  }

  async #perform(command: RunCommand): Promise<void> {
    switch (command.type) {
      case 'check':
      case 'probe':
        await runPreflight(command, this.#stopping.signal, this.#emit);
        return;
      case 'open':
        await this.#open(command);
        return;
      case 'send-states': {
        const { begin, end, identity, request } = command;
        const states = await this.#openDataset().statesOf(identity, begin, end);
        this.#emit({ type: 'states', request, ...states });
        return;
      }
      case 'take-states':
        this.#learn(command);
        return;
      case 'load-stage':
        await this.#load(command);
        return;
      case 'begin-stage':
        await this.#runStage(command);
        return;
      case 'stop':
        this.#stopping.abort();
        this.#stopWork();
        return;
      case 'stop-stage':
        if (this.#running !== undefined) this.#stopWork();
        return;
      case 'close':
        await this.#close();
        return;
    }
  }

  #stopWork(): void {
    this.#fleet?.setStop(true);
    this.#running?.stop();
    this.#fleet?.broadcast({ type: 'cancel' });
  }

  async #open(command: Extract<HostCommand, { type: 'open' }>): Promise<void> {
    const { agentIds, layout, plan, startedAtMs } = command;
    this.#fleet = await WorkerFleet.start(plan, layout);
    this.#dataset = await RunDataset.open({
      ...{ plan, memory: this.#fleet.memory, agentIds, startedAtMs },
      stopping: this.#stopping.signal,
      notify: (level, text) => {
        this.#emit({ type: 'notice', level, text });
      },
    });
    this.#tidyUp = new TidyUp({
      ...{ dataset: this.#dataset, fleet: this.#fleet },
      stopping: this.#stopping.signal,
      onProgress: this.#tidyingUp,
    });
    this.#emit({ type: 'opened', pools: this.#dataset.knowledge() });
  }

  #learn(command: Extract<HostCommand, { type: 'take-states' }>): void {
    const { identity, range, request } = command;
    this.#openDataset().learn(identity, range, command);
    this.#emit({ type: 'states-taken', request });
  }

  /** Does what a stage needs before its clock starts. */
  async #load(command: Extract<HostCommand, { type: 'load-stage' }>): Promise<void> {
    const { goOnWith, stage: stageIndex, startOver } = command;
    const { memory, plan } = this.#openFleet();
    const { kind } = stageOf(plan, stageIndex);
    const onProgress = nowAndThen((what, done, total) => {
      this.#emit({ type: 'stage-loading', stage: stageIndex, what, done, total });
    });
    const startsOver = (identity: string): boolean => startOver && !goOnWith.includes(identity);
    const found = await this.#openDataset().load(kind, startsOver, onProgress);
    this.#stageMemory = allocateStageMemory(plan, memory, kind);
    if (runsMix(kind)) {
      await listKeys(this.#openFleet(), this.#listed, (seen) => {
        onProgress('listing objects', seen, 0);
      });
      await this.#warmUp();
    }
    if (kind === 'validation') this.#tellCoverage();
    this.#existing = found.existing;
    const pools = this.#openDataset().conditions();
    this.#emit({ type: 'stage-loaded', stage: stageIndex, ...found, pools });
  }

  #tellCoverage(): void {
    for (const text of this.#openDataset().coverage()) {
      this.#emit({ type: 'notice', level: 'info', text });
    }
  }

  /**
   * Makes the connections that servers have closed since, or that were given up at the end of the stage before: the clock of
   * a measurement is not to wait for them.
   */
  async #warmUp(): Promise<void> {
    const fleet = this.#openFleet();
    const able = fleet.workers.filter(({ busy }) => !busy);
    await Promise.all(
      able.map((worker) => fleet.ask(worker, (request) => ({ type: 'warm-up', request }))),
    );
  }

  async #runStage(command: Extract<HostCommand, { type: 'begin-stage' }>): Promise<void> {
    const { pools, stage: stageIndex, startAtNs } = command;
    const fleet = this.#openFleet();
    const stage = stageOf(fleet.plan, stageIndex);
    const memory = this.#stageMemory ?? allocateStageMemory(fleet.plan, fleet.memory, stage.kind);
    this.#running = new StageRun({
      fleet,
      stage,
      startAtNs,
      drainTimeoutMs: fleet.plan.drainTimeoutMs,
      nowNs: this.#nowNs,
      memory,
      listed: this.#listed,
      prepared: this.#prepared,
      others: othersOf(fleet.plan, pools),
      tasksTotal: countTasks(stage, fleet.plan, fleet.memory, this.#existing),
      tasksExisted: stage.kind === 'prepare' ? this.#existing : 0,
      endpointsOut: this.#endpointsOut,
      ...(stage.kind === 'cleanup'
        ? { tidyUp: (allDone: boolean) => this.#openTidyUp().afterObjects(allDone) }
        : {}),
      onProgress: (progress) => {
        this.#emit({ type: 'progress', stage: stageIndex, progress });
      },
      onEndpointChange: (change) => {
        this.#emit({ type: 'endpoint-changed', change });
      },
    });
    const ended = this.#running.run();
    if (this.#stopping.signal.aborted) this.#running.stop();
    const report = await ended;
    this.#running = undefined;
    const slowdown = errorLimitsOf(fleet.plan, stage.kind, memory)?.slowdown;
    if (slowdown !== undefined) {
      this.#emit({ type: 'notice', level: 'warn', text: `⚠ In stage ${stage.name} ${slowdown}` });
    }
    await this.#openDataset().stageEnded(stage.kind, report.outcome === 'completed');
    if (stage.kind === 'prepare') this.#prepared = true;
    if (stage.kind === 'cleanup') this.#openTidyUp().stageEnded(report.outcome === 'completed');
    this.#emit({
      type: 'stage-ended',
      stage: stageIndex,
      report: this.#judged(report, stageIndex),
    });
  }

  /** What the datasets tell of a stage that has come to its end, and its workers do not know. */
  #judged(report: StageReport, stageIndex: number): StageReport {
    const { plan } = this.#openFleet();
    const dataset = this.#openDataset();
    const { kind, name } = stageOf(plan, stageIndex);
    if (report.outcome !== 'completed') return report;
    if (kind === 'validation' && expectsObjects(plan, stageIndex)) {
      return failedOf(report, dataset.unmade(name));
    }
    if (kind !== 'cleanup' || dataset.elsewhere === undefined) return report;
    if (report.tasksTotal === 0 && plan.cleanup.mode !== 'besteffort') {
      return failedOf(report, dataset.elsewhere);
    }
    this.#emit({ type: 'notice', level: 'warn', text: `⚠ ${formatError(dataset.elsewhere)}` });
    return report;
  }

  async #close(): Promise<void> {
    const error = await this.#tidyUp?.atEnd();
    if (error !== undefined) this.#tellLeft(error);
    await this.#dataset?.close(this.#tidyingUp);
    await this.#fleet?.close();
    this.#emit({ type: 'closed' });
  }

  /** That directories are left: no failure of a clean-up that does what it can. */
  #tellLeft(error: BenchError): void {
    if (this.#openFleet().plan.cleanup.mode === 'besteffort') {
      this.#emit({ type: 'notice', level: 'warn', text: `⚠ ${summarizeError(error)}` });
    } else this.#emit({ type: 'failed', error: toErrorRecord(error) });
  }

  #openDataset(): RunDataset {
    return opened(this.#dataset);
  }

  #openFleet(): WorkerFleet {
    return opened(this.#fleet);
  }

  #openTidyUp(): TidyUp {
    return opened(this.#tidyUp);
  }
}

/** What there is once a run was opened. */
function opened<Part>(part: Part | undefined): Part {
  if (part !== undefined) return part;
  throw new BenchError('no run is open', { code: 'HOST_NOT_OPEN', class: 'internal' });
}

/** What other agents have of the pools of the plan; of what is not known, nothing is taken for granted. */
function othersOf(plan: AgentPlan, conditions: readonly PoolCondition[]): OtherParts[] {
  const byIdentity = new Map(conditions.map((condition) => [condition.identity, condition]));
  return plan.pools.map((pool) => {
    const { isOurs = false, isWhole = true } = byIdentity.get(poolIdentity(pool)) ?? {};
    return { areOurs: isOurs, areThere: isWhole };
  });
}

function failedOf(report: StageReport, error: BenchError | undefined): StageReport {
  if (error === undefined) return report;
  return { ...report, outcome: 'failed', failure: toErrorRecord(error) };
}

function stageOf(plan: AgentPlan, index: number): StagePlan {
  const stage = plan.stages[index];
  if (stage !== undefined) return stage;
  throw new BenchError(`the plan has no stage ${String(index)}`, {
    code: 'HOST_NO_STAGE',
    class: 'internal',
  });
}
