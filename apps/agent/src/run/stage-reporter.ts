import { OperationStats } from '@sai3bench/stats';
import { Pace, progressBar } from '@sai3bench/terminal';
import {
  formatCount,
  formatDecimal,
  formatDurationMs,
  formatEstimateMs,
  formatLatencyNs,
  formatPercent,
  formatThroughput,
} from '@sai3bench/units';
import type { IntervalProgress, StageReport } from '@sai3bench/workload-engine';
import type { StagePlan } from '@sai3bench/workload-config';
import type { AgentLog } from '../console/agent-log.ts';

/** Without a terminal, progress is printed this often. */
const PLAIN_INTERVAL = 10;
const BAR_WIDTH = 24;

/** What a stage that ends with its tasks is at, and how far; directories are made before the objects. */
interface Work {
  readonly what: 'directories' | 'objects' | 'operations';
  readonly done: number;
  readonly total: number;
}

function workOf(progress: IntervalProgress, { kind }: StagePlan): Work {
  const { directoriesDone, directoriesTotal, tasksDone, tasksTotal } = progress;
  if (kind === 'hybrid') return { what: 'operations', done: tasksDone, total: tasksTotal };
  return directoriesDone < directoriesTotal || tasksTotal === 0
    ? { what: 'directories', done: directoriesDone, total: directoriesTotal }
    : { what: 'objects', done: tasksDone, total: tasksTotal };
}

/** What a stage has done so far. */
export interface StageCounts {
  /** Objects, of stages that end with their tasks. */
  readonly tasksDone: number;
  readonly tasksTotal: number;
  /** Operations that succeeded, and those that failed. */
  readonly operations: number;
  readonly errors: number;
}

/** Shows an agent's own progress through a stage on its terminal. */
export class StageReporter {
  readonly #log: AgentLog;
  readonly #stage: StagePlan;
  readonly #threads: number;
  readonly #total = new OperationStats();
  #pace = new Pace();
  #work: Work['what'] = 'objects';
  #tasksDone = 0;
  #tasksTotal = 0;

  /** @param threads operations in flight */
  constructor(log: AgentLog, stage: StagePlan, threads: number) {
    this.#log = log;
    this.#stage = stage;
    this.#threads = threads;
  }

  get counts(): StageCounts {
    return {
      ...{ tasksDone: this.#tasksDone, tasksTotal: this.#tasksTotal },
      ...{ operations: this.#total.operationCount(), errors: this.#total.errors() },
    };
  }

  progress(progress: IntervalProgress): void {
    this.#total.add(progress.stats);
    this.#tasksDone = progress.tasksDone;
    this.#tasksTotal = progress.tasksTotal;
    const { done, what } = workOf(progress, this.#stage);
    if (what !== this.#work) this.#pace = new Pace(progress.elapsedMs);
    this.#work = what;
    this.#pace.add(progress.elapsedMs, done);
    const line = this.#describe(progress);
    if (this.#log.terminal.isTTY) this.#log.terminal.show([line]);
    else if (progress.interval % PLAIN_INTERVAL === 0) this.#log.info(line);
  }

  ended(report: StageReport): void {
    this.#log.terminal.clear();
    const { kind, name } = this.#stage;
    const stats = new OperationStats();
    stats.add(report.stats);
    if (this.#stage.command !== undefined) {
      this.#programEnded(report);
      return;
    }
    const done =
      report.tasksTotal > 0 && kind !== 'hybrid'
        ? `${formatCount(report.tasksDone)}/${formatCount(report.tasksTotal)} objects`
        : `${formatCount(stats.operationCount())} operations`;
    const counts = [
      `${done} in ${formatDurationMs(report.lastEndMs)}`,
      ...(stats.errors() > 0 ? [`${formatCount(stats.errors())} errors`] : []),
      ...(stats.cancelled() > 0 ? [`${formatCount(stats.cancelled())} cancelled`] : []),
    ].join(', ');
    if (report.outcome === 'completed') this.#log.info(`✓ ${name}: ${counts}`);
    else this.#log.warn(`✗ ${name} ${report.outcome}: ${counts}`, { toldOtherwise: true });
    if (report.stuckWorkers > 0) {
      this.#log.warn(
        `${String(report.stuckWorkers)} threads are stuck in a system call: is the target hanging?`,
        { toldOtherwise: true },
      );
    }
  }

  #programEnded({ lastEndMs, outcome }: StageReport): void {
    const length = formatDurationMs(lastEndMs);
    if (outcome === 'completed') this.#log.info(`✓ ${this.#stage.name}: ended after ${length}`);
    else {
      const text = `✗ ${this.#stage.name} ${outcome} after ${length}`;
      this.#log.warn(text, { toldOtherwise: true });
    }
  }

  #describe(progress: IntervalProgress): string {
    if (this.#stage.command !== undefined) {
      return `${this.#stage.name} has run for ${formatDurationMs(progress.elapsedMs)}`;
    }
    const all = this.#total.all();
    const seconds = Math.max(progress.elapsedMs, 1) / 1000;
    const [p50 = 0, p99 = 0] = all.latency.percentilesNs([50, 99]);
    const rates = `${formatDecimal(all.operations / seconds, 0)} ops/s | ${formatThroughput(all.bytes / seconds)} | p50 ${formatLatencyNs(p50)} | p99 ${formatLatencyNs(p99)}`;
    const errors = this.#total.errors();
    const { putOff } = progress;
    const suffix = [
      ...(errors > 0 ? [` | ${formatCount(errors)} errors`] : []),
      ...(putOff > 0 ? [` | ${formatCount(putOff)} put off`] : []),
    ].join('');
    const { durationMs, name } = this.#stage;
    const { done, total: toDo, what } = workOf(progress, this.#stage);
    if (toDo > 0) {
      const bar = progressBar(done / toDo, BAR_WIDTH);
      const leftMs = this.#pace.leftMs(toDo);
      const estimate = leftMs === undefined ? '' : `, about ${formatEstimateMs(leftMs)} left,`;
      return `${name} ${bar} ${formatCount(done)}/${formatCount(toDo)} ${what} (${formatPercent(done, toDo)})${estimate} ${String(this.#threads)} threads | ${rates}${suffix}`;
    }
    const total = durationMs ?? progress.elapsedMs;
    const bar = progressBar(progress.elapsedMs / Math.max(1, total), BAR_WIDTH);
    return `${name} ${bar} ${formatDurationMs(Math.min(progress.elapsedMs, total))}/${formatDurationMs(total)} ${String(this.#threads)} threads | ${rates}${suffix}`;
  }
}
