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
import type { AgentLog } from './agent-log.ts';

/** Without a terminal, progress is printed this often. */
const PLAIN_INTERVAL = 10;
const BAR_WIDTH = 24;

/** Shows an agent's own progress through a stage on its terminal. */
export class StageReporter {
  readonly #log: AgentLog;
  readonly #stage: StagePlan;
  readonly #threads: number;
  readonly #total = new OperationStats();
  readonly #pace = new Pace();

  /** @param threads operations in flight */
  constructor(log: AgentLog, stage: StagePlan, threads: number) {
    this.#log = log;
    this.#stage = stage;
    this.#threads = threads;
  }

  progress(progress: IntervalProgress): void {
    this.#total.add(progress.stats);
    this.#pace.add(progress.elapsedMs, progress.tasksDone);
    const line = this.#describe(progress);
    if (this.#log.terminal.isTTY) this.#log.terminal.show([line]);
    else if (progress.interval % PLAIN_INTERVAL === 0) this.#log.info(line);
  }

  ended(report: StageReport): void {
    this.#log.terminal.clear();
    const { name } = this.#stage;
    const stats = new OperationStats();
    stats.add(report.stats);
    const done =
      report.tasksTotal > 0
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

  #describe(progress: IntervalProgress): string {
    const all = this.#total.all();
    const seconds = Math.max(progress.elapsedMs, 1) / 1000;
    const [p50 = 0, p99 = 0] = all.latency.percentilesNs([50, 99]);
    const rates = `${formatDecimal(all.operations / seconds, 0)} ops/s | ${formatThroughput(all.bytes / seconds)} | p50 ${formatLatencyNs(p50)} | p99 ${formatLatencyNs(p99)}`;
    const errors = this.#total.errors();
    const suffix = errors > 0 ? ` | ${formatCount(errors)} errors` : '';
    const { durationMs, name } = this.#stage;
    if (progress.tasksTotal > 0) {
      const { tasksDone, tasksTotal } = progress;
      const bar = progressBar(tasksDone / tasksTotal, BAR_WIDTH);
      const leftMs = this.#pace.leftMs(tasksTotal);
      const estimate = leftMs === undefined ? '' : `, about ${formatEstimateMs(leftMs)} left,`;
      return `${name} ${bar} ${formatCount(tasksDone)}/${formatCount(tasksTotal)} objects (${formatPercent(tasksDone, tasksTotal)})${estimate} ${String(this.#threads)} threads | ${rates}${suffix}`;
    }
    const total = durationMs ?? progress.elapsedMs;
    const bar = progressBar(progress.elapsedMs / Math.max(1, total), BAR_WIDTH);
    return `${name} ${bar} ${formatDurationMs(Math.min(progress.elapsedMs, total))}/${formatDurationMs(total)} ${String(this.#threads)} threads | ${rates}${suffix}`;
  }
}
