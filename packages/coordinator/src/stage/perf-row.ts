import type { PlainStageProgress } from '@sai3bench/barrier-protocol';
import type { PerfRow } from '@sai3bench/results-dir';

type Cpu = PlainStageProgress['cpu'];

/** The stage that a row is of. */
export interface RowStage {
  readonly name: string;
  /** Time of day of the common start, ms since 1970. */
  readonly startedAtMs: number;
}

/** What a row of the performance logs is about. */
export interface RowSpan extends Pick<
  PerfRow,
  'elapsedMs' | 'intervalMs' | 'stats' | 'agentsReporting'
> {
  /** As it was reported each time. */
  readonly cpus: readonly Cpu[];
}

/** A row of the performance logs. */
export function rowOf({ name, startedAtMs }: RowStage, agentId: string, span: RowSpan): PerfRow {
  const { agentsReporting, cpus, elapsedMs, intervalMs, stats } = span;
  return {
    agentId,
    timestampMs: startedAtMs + elapsedMs,
    elapsedMs,
    intervalMs,
    stage: name,
    stats,
    cpu: {
      userPct: mean(cpus.map(({ userPct }) => userPct)),
      systemPct: mean(cpus.map(({ systemPct }) => systemPct)),
      iowaitPct: mean(cpus.map(({ iowaitPct }) => iowaitPct)),
    },
    agentsReporting,
  };
}

/** The mean of values; 0 of none. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
