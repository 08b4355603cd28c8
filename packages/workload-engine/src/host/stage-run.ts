import type { StagePlan } from '@sai3bench/workload-config/plan';
import { CONTROL_WORDS } from '../memory/run-memory.ts';
import { PutOffs } from '../memory/put-offs.ts';
import { type ErrorGroup, ErrorJournal } from '../stage/error-journal.ts';
import { type ErrorLimits, errorLimitsOf } from '../stage/error-limits.ts';
import { judgeStage, type StageFacts } from '../stage/stage-verdict.ts';
import { TreeDirectories } from '../stage/tree-directories.ts';
import { reasonToStop } from '../stage/stop-rule.ts';
import type { ListedKeys } from '../stage/read-tasks.ts';
import type { WorkerEvent } from '../worker/worker-messages.ts';
import { CpuMeter } from './cpu-meter.ts';
import { EndpointWatch } from './endpoint-watch.ts';
import type { EndpointChange, IntervalProgress, StageReport } from './host-messages.ts';
import type { OtherParts } from '../selection/object-picker.ts';
import type { StageMemory } from '../memory/stage-memory.ts';
import { StageAlarms } from './stage-alarms.ts';
import { StageSums } from './stage-sums.ts';
import { StageTimes } from './stage-times.ts';
import type { FleetWorker, WorkerFleet } from './worker-fleet.ts';

const INTERVAL_MS = 1000;
/** How long workers may take to stop what they do before they count as stuck. */
const CANCEL_GRACE_MS = 1000;

/** The workers that carry out a stage. */
export type StageFleet = Pick<
  WorkerFleet,
  'breakers' | 'broadcast' | 'control' | 'listen' | 'plan' | 'replace' | 'setStop' | 'workers'
>;

/** What a stage run needs to know. */
export interface StageRunOptions {
  readonly fleet: StageFleet;
  readonly stage: StagePlan;
  readonly startAtNs: number;
  readonly drainTimeoutMs: number;
  readonly nowNs: () => number;
  /** What workers share to choose operations. */
  readonly memory: StageMemory;
  readonly listed: ListedKeys;
  /** Whether this run has prepared its pools. */
  readonly prepared: boolean;
  /** What other agents have, by pool. */
  readonly others: readonly OtherParts[];
  /** Objects to do, of stages that end with their tasks; operations of hybrid stages, 0 where only time ends them. */
  readonly tasksTotal: number;
  /** Objects that were there before a prepare stage, and are left as they are. */
  readonly tasksExisted: number;
  /** What is left to do when the workers have done their tasks, or all but some of them; returns what failed of it. */
  readonly tidyUp?: (allDone: boolean) => Promise<readonly ErrorGroup[]>;
  /** Endpoints that are known to be out; kept up to date. */
  readonly endpointsOut: Set<string>;
  readonly onProgress: (progress: IntervalProgress) => void;
  readonly onEndpointChange: (change: EndpointChange) => void;
}

/** Carries out one stage with all workers, and adds up what they record. */
export class StageRun {
  readonly #options: StageRunOptions;
  readonly #sums: StageSums;
  readonly #journal = new ErrorJournal();
  readonly #cpu = new CpuMeter();
  readonly #endpoints: EndpointWatch;
  readonly #alarms: StageAlarms;
  readonly #times: StageTimes;
  readonly #limits: ErrorLimits | undefined;
  readonly #putOffs: PutOffs;
  readonly #workers: number;
  readonly #directoriesTotal: number;
  readonly #endAtNs: number;
  #intervalNumber = 0;
  #givenUp: string | undefined;
  #stopped = false;
  #stuck = 0;
  #directoriesLeft = 0;
  #finish: () => void = () => undefined;

  constructor(options: StageRunOptions) {
    this.#options = options;
    this.#workers = options.fleet.workers.length;
    const { fleet, memory, stage, startAtNs } = options;
    this.#directoriesTotal = new TreeDirectories(fleet.plan, memory.trees.pools).total;
    this.#alarms = new StageAlarms(options.nowNs);
    this.#times = new StageTimes(startAtNs);
    this.#sums = new StageSums(stage.kind);
    this.#limits = errorLimitsOf(fleet.plan, stage.kind, memory);
    this.#putOffs = new PutOffs(memory.putOffs);
    this.#endpoints = new EndpointWatch(fleet, startAtNs, options.endpointsOut);
    this.#endAtNs = stage.durationMs === undefined ? Infinity : startAtNs + stage.durationMs * 1e6;
  }

  /** Runs the stage to its end. Never rejects: failures are in the report. */
  async run(): Promise<StageReport> {
    const { drainTimeoutMs, fleet, listed, memory, others, prepared, stage, startAtNs } =
      this.#options;
    const endAtNs = this.#endAtNs;
    const ended = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    Atomics.store(fleet.control, CONTROL_WORDS.claims, 0);
    fleet.setStop(false);
    const stopListening = fleet.listen((event, worker) => {
      this.#note(event, worker);
    });
    for (const worker of fleet.workers) worker.busy = true;
    fleet.broadcast({
      type: 'run-stage',
      kind: stage.kind,
      operations: stage.operations,
      startAtNs,
      endAtNs,
      prepared,
      others,
      memory,
      listed: [...listed],
    });
    this.#scheduleTick();
    if (Number.isFinite(endAtNs)) {
      this.#alarms.at(endAtNs + drainTimeoutMs * 1e6, () => {
        this.#cancelRest();
      });
    }
    await ended;
    stopListening();
    this.#alarms.silence();
    await this.#replaceStuckWorkers();
    await this.#tidyUp();
    return this.#report();
  }

  /** Ends the stage early, with what it has done so far. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.fleet.setStop(true);
    this.#cancelRest();
  }

  #note(event: WorkerEvent, worker: FleetWorker): void {
    // A thread that was given up in an earlier stage may come back at any time.
    if (!this.#options.fleet.workers.includes(worker)) return;
    if (event.type === 'errors') {
      for (const group of event.groups) this.#journal.add(group);
      this.#applyStopRule();
    } else if (event.type === 'stage-ended') {
      worker.busy = false;
      if (event.firstStartNs > 0) this.#times.noteWork(event.firstStartNs, event.lastEndNs);
      // A thread whose limits were exceeded by what it put off has told of no error.
      this.#applyStopRule();
      this.#noteEnd(event);
      if (!this.#options.fleet.workers.some(({ busy }) => busy)) this.#finish();
    }
  }

  /** Notes when a worker ended before the time was up, and why. */
  #noteEnd({ end, ranDryNs }: Extract<WorkerEvent, { type: 'stage-ended' }>): void {
    const nowNs = this.#options.nowNs();
    if (ranDryNs > 0) this.#times.noteRanDry(ranDryNs);
    if (end === 'stopped' && !this.#stopped && nowNs < this.#endAtNs) {
      this.#times.noteCutShort(nowNs);
    }
  }

  #applyStopRule(): void {
    if (this.#stopped) return;
    this.#collect();
    const { fleet, stage } = this.#options;
    this.#givenUp = reasonToStop({
      kind: stage.kind,
      successes: this.#sums.total.operationCount(),
      errors: this.#journal.groups(),
      limits: this.#limits?.counts,
      putOff: this.#putOffs.row,
      concurrency: fleet.plan.concurrency,
    });
    if (this.#givenUp !== undefined) this.stop();
  }

  /** Asks workers to stop what is under way, and gives up on those that do not. */
  #cancelRest(): void {
    const { fleet, nowNs } = this.#options;
    fleet.broadcast({ type: 'cancel' });
    this.#alarms.at(nowNs() + CANCEL_GRACE_MS * 1e6, () => {
      this.#finish();
    });
  }

  /** Moves what the workers have recorded since the last time into the sums. */
  #collect(): void {
    for (const { reader } of this.#options.fleet.workers) this.#sums.add(reader.takeDelta());
  }

  /**
   * Ticks fall on whole seconds of the stage, however late a tick before was. Seconds in which this process stood still
   * are reported as one: nobody knows what happened in which of them.
   */
  #scheduleTick(): void {
    const next = this.#intervalNumber + 1;
    this.#alarms.at(this.#options.startAtNs + next * INTERVAL_MS * 1e6, () => {
      this.#emitInterval();
      this.#applyStopRule();
      this.#scheduleTick();
    });
  }

  #emitInterval(): void {
    const { fleet, nowNs, onEndpointChange, onProgress, startAtNs, tasksTotal } = this.#options;
    this.#collect();
    for (const change of this.#endpoints.changes(nowNs())) onEndpointChange(change);
    const elapsedMs = Math.max(0, (nowNs() - startAtNs) / 1e6);
    const interval = Math.max(this.#intervalNumber + 1, Math.floor(elapsedMs / INTERVAL_MS));
    this.#intervalNumber = interval;
    onProgress({
      interval,
      elapsedMs,
      stats: this.#sums.takeInterval(),
      tasksDone: this.#sums.tasksDone,
      tasksTotal,
      directoriesDone: Math.min(this.#sums.directoriesDone, this.#directoriesTotal),
      directoriesTotal: this.#directoriesTotal,
      putOff: this.#putOffs.waiting,
      inFlight: fleet.workers.reduce(
        (sum, { reader }) => sum + reader.inFlight().reduce((all, count) => all + count, 0),
        0,
      ),
      endpoints: this.#endpoints.progress(nowNs()),
      cpu: this.#cpu.read(),
    });
  }

  /** Does what is left to do; gives up on it when the stage is stopped and it does not end. */
  async #tidyUp(): Promise<void> {
    const { tasksTotal, tidyUp } = this.#options;
    if (this.#stopped || tidyUp === undefined) return;
    const allDone = this.#sums.tasksDone === tasksTotal;
    const givenUp = new Promise<readonly ErrorGroup[]>((resolve) => {
      this.#finish = () => {
        resolve([]);
      };
    });
    for (const group of await Promise.race([tidyUp(allDone), givenUp])) {
      this.#journal.add(group);
      this.#sums.addFailed(group.operation, group.count);
      if (group.operation === 'RMDIR') this.#directoriesLeft += group.count;
    }
    this.#alarms.silence();
  }

  /** What a stuck worker has under way is cancelled; another worker takes its place. */
  async #replaceStuckWorkers(): Promise<void> {
    const { fleet, nowNs } = this.#options;
    const stuck = fleet.workers.filter(({ busy }) => busy);
    this.#stuck = stuck.length;
    for (const worker of stuck) {
      this.#sums.add(worker.reader.takeDelta());
      this.#sums.addCancelled(worker.reader.inFlight());
      this.#times.noteGivenUp(nowNs());
    }
    // A stopped run is over: there is nothing for new workers to do.
    if (this.#stopped) return;
    for (const worker of stuck) await fleet.replace(worker);
  }

  #report(): StageReport {
    this.#emitInterval();
    return {
      ...judgeStage(this.#facts()),
      stats: this.#sums.total.toDelta(),
      firstStartMs: this.#times.firstStartMs,
      lastEndMs: this.#times.lastEndMs,
      tasksDone: this.#sums.tasksDone,
      tasksTotal: this.#options.tasksTotal,
      tasksExisted: this.#options.tasksExisted,
      errors: this.#journal.groups(),
      endpoints: this.#endpoints.report(this.#options.nowNs()),
      stuckWorkers: this.#stuck,
    };
  }

  #facts(): StageFacts {
    const { fleet, stage, tasksTotal } = this.#options;
    return {
      stage,
      givenUp: this.#givenUp,
      stopped: this.#stopped,
      successes: this.#sums.total.operationCount(),
      errors: this.#sums.total.errors(),
      cancelled: this.#sums.total.cancelled(),
      groups: this.#journal.groups(),
      directoriesLeft: this.#directoriesLeft,
      workers: this.#workers,
      stuckWorkers: this.#stuck,
      tasksTotal,
      lenient: stage.kind === 'cleanup' && fleet.plan.cleanup.mode === 'besteffort',
      cutShortMs: this.#times.cutShortMs,
      ranDryMs: this.#times.ranDryMs,
      deletesOnly: fleet.plan.operations.every(({ op }) => op === 'delete'),
    };
  }
}
