import { type PlainStageProgress, statsFromBytes, statsToBytes } from '@sai3bench/barrier-protocol';
import type { PerfRow } from '@sai3bench/results-dir';
import { OperationStats } from '@sai3bench/stats';

const SECOND_MS = 1000;
/** A row waits for agents that are late until reports this many seconds newer have arrived. */
const MAX_LAG = 3;

/** What the agents reported for one second of a stage. */
interface PendingRow {
  readonly stats: OperationStats;
  readonly intervalsMs: number[];
  readonly cpus: PlainStageProgress['cpu'][];
  readonly agents: Set<string>;
  elapsedMs: number;
}

/** Where rows go. */
export interface PerfSink {
  readonly agentRow: (agentId: string, row: PerfRow) => void;
  readonly totalRow: (row: PerfRow) => void;
}

/** What is not yet in the rows that are written, as it goes into a file. */
export interface PerfRowsState {
  readonly nextInterval: number;
  readonly writtenElapsedMs: number;
  /** By agent id. */
  readonly lastElapsedMs: Readonly<Record<string, number>>;
  readonly pending: readonly {
    readonly interval: number;
    readonly elapsedMs: number;
    readonly intervalsMs: readonly number[];
    readonly cpus: readonly PlainStageProgress['cpu'][];
    readonly agents: readonly string[];
    /** Statistics, in base64. */
    readonly stats: string;
  }[];
}

/**
 * Makes the rows of the performance logs of a stage: one per agent and second as it arrives, and one for all agents
 * together when every agent that is still at work has reported that second. Reports that come later than that are
 * added to the next row, so that the rows always add up to the whole.
 */
export class PerfRows {
  readonly #stage: string;
  readonly #startedAtMs: number;
  readonly #sink: PerfSink;
  readonly #pending = new Map<number, PendingRow>();
  readonly #lastElapsedMs = new Map<string, number>();
  /** Agents that have not ended the stage. */
  readonly #working: Set<string>;
  #nextInterval = 1;
  #writtenElapsedMs = 0;

  /** @param startedAtMs time of day of the common start, ms since 1970 */
  constructor(stage: string, startedAtMs: number, agentIds: readonly string[], sink: PerfSink) {
    this.#stage = stage;
    this.#startedAtMs = startedAtMs;
    this.#working = new Set(agentIds);
    this.#sink = sink;
  }

  /** What is needed to go on from here. */
  state(): PerfRowsState {
    return {
      nextInterval: this.#nextInterval,
      writtenElapsedMs: this.#writtenElapsedMs,
      lastElapsedMs: Object.fromEntries(this.#lastElapsedMs),
      pending: [...this.#pending].map(([interval, row]) => ({
        ...{ interval, elapsedMs: row.elapsedMs, intervalsMs: row.intervalsMs, cpus: row.cpus },
        agents: [...row.agents],
        stats: Buffer.from(statsToBytes(row.stats.toDelta())).toString('base64'),
      })),
    };
  }

  /** Goes on from where others have ended. */
  restore(state: PerfRowsState): void {
    this.#nextInterval = state.nextInterval;
    this.#writtenElapsedMs = state.writtenElapsedMs;
    for (const [id, elapsedMs] of Object.entries(state.lastElapsedMs)) {
      this.#lastElapsedMs.set(id, elapsedMs);
    }
    for (const { agents, cpus, elapsedMs, interval, intervalsMs, stats } of state.pending) {
      const row = this.#pendingRow(interval);
      row.stats.add(statsFromBytes(Buffer.from(stats, 'base64')));
      row.intervalsMs.push(...intervalsMs);
      row.cpus.push(...cpus);
      for (const id of agents) row.agents.add(id);
      row.elapsedMs = elapsedMs;
    }
  }

  /** Takes a report. @param interval what it contains, as statistics */
  add(agentId: string, progress: PlainStageProgress, interval: OperationStats): void {
    const intervalMs = progress.elapsedMs - (this.#lastElapsedMs.get(agentId) ?? 0);
    this.#lastElapsedMs.set(agentId, progress.elapsedMs);
    // The last report of a stage is cut short; often nothing happened in it.
    const isCutShort = progress.elapsedMs < progress.interval * SECOND_MS;
    if (isCutShort && isEmpty(interval)) return;
    const elapsedMs = isCutShort ? progress.elapsedMs : progress.interval * SECOND_MS;
    this.#sink.agentRow(agentId, {
      ...this.#rowOf(agentId, elapsedMs, intervalMs, interval, progress.cpu),
      agentsReporting: 1,
    });
    const pending = this.#pendingRow(Math.max(progress.interval, this.#nextInterval));
    pending.stats.addStats(interval);
    pending.intervalsMs.push(intervalMs);
    pending.cpus.push(progress.cpu);
    pending.agents.add(agentId);
    pending.elapsedMs = Math.max(pending.elapsedMs, elapsedMs);
    this.#writeComplete(progress.interval);
  }

  /** Notes that an agent reports no more for this stage. */
  agentEnded(agentId: string): void {
    this.#working.delete(agentId);
    this.#writeComplete(0);
  }

  /** Writes everything that is left. */
  end(): void {
    for (const interval of [...this.#pending.keys()].toSorted((a, b) => a - b)) {
      this.#write(interval);
    }
  }

  #writeComplete(newest: number): void {
    for (;;) {
      const pending = this.#pending.get(this.#nextInterval);
      if (pending === undefined) return;
      const complete = [...this.#working].every((agent) => pending.agents.has(agent));
      if (!complete && newest < this.#nextInterval + MAX_LAG) return;
      this.#write(this.#nextInterval);
    }
  }

  #write(interval: number): void {
    const pending = this.#pending.get(interval);
    if (pending === undefined) return;
    this.#pending.delete(interval);
    this.#nextInterval = interval + 1;
    const { agents, cpus, intervalsMs, stats } = pending;
    // A row of late reports alone does not lie before the row that they missed.
    const elapsedMs = Math.max(pending.elapsedMs, this.#writtenElapsedMs);
    this.#writtenElapsedMs = elapsedMs;
    const cpu = {
      userPct: mean(cpus.map(({ userPct }) => userPct)),
      systemPct: mean(cpus.map(({ systemPct }) => systemPct)),
      iowaitPct: mean(cpus.map(({ iowaitPct }) => iowaitPct)),
    };
    this.#sink.totalRow({
      ...this.#rowOf('controller', elapsedMs, mean(intervalsMs), stats, cpu),
      agentsReporting: agents.size,
    });
  }

  #rowOf(
    agentId: string,
    elapsedMs: number,
    intervalMs: number,
    stats: OperationStats,
    cpu: PerfRow['cpu'],
  ): Omit<PerfRow, 'agentsReporting'> {
    return {
      agentId,
      timestampMs: this.#startedAtMs + elapsedMs,
      elapsedMs,
      intervalMs,
      stage: this.#stage,
      stats,
      cpu,
    };
  }

  #pendingRow(interval: number): PendingRow {
    let row = this.#pending.get(interval);
    if (row === undefined) {
      row = {
        stats: new OperationStats(),
        intervalsMs: [],
        cpus: [],
        agents: new Set(),
        elapsedMs: 0,
      };
      this.#pending.set(interval, row);
    }
    return row;
  }
}

function isEmpty(stats: OperationStats): boolean {
  return stats.operationCount() + stats.errors() + stats.cancelled() === 0;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
