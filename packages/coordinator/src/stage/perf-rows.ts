import type { PlainStageProgress } from '@sai3bench/barrier-protocol';
import type { PerfRow } from '@sai3bench/results-dir';
import { countDelta, endedOf, OperationStats } from '@sai3bench/stats';
import { AgentRows, type AgentSink } from './agent-rows.ts';
import { mean, rowOf, type RowStage } from './perf-row.ts';
import { statsFromText, statsToText } from './report-text.ts';

const SECOND_MS = 1000;
/** A row waits for agents that are late until reports this many seconds newer have arrived. */
const MAX_LAG = 3;
/** The same while agents tell what they did without a controller: each at once, but not all at the same time. */
const MAX_LAG_BEHIND = 60;

/** What the agents reported for one second of a stage. */
interface PendingRow {
  readonly stats: OperationStats;
  readonly intervalsMs: number[];
  readonly cpus: PlainStageProgress['cpu'][];
  readonly agents: Set<string>;
  /** Agents that have reported something later instead: it was not to be had from them second by second. */
  readonly passed: Set<string>;
  /** Agents at work that have reported neither. */
  missing: number;
  elapsedMs: number;
}

/** Where rows go. */
export interface PerfSink extends AgentSink {
  /** Called for each report, before a row is written of it. Its histograms are well-formed. */
  readonly reported: (agentId: string, progress: PlainStageProgress) => void;
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
    readonly bytes: string;
  }[];
}

/**
 * Makes the rows of the performance logs of a stage: those of each agent, and one a second for all agents together when
 * every agent that is still at work has reported that second. Reports that come later than that are added to the next row,
 * so that the rows always add up to the whole.
 */
export class PerfRows {
  readonly #stage: RowStage;
  readonly #sink: PerfSink;
  readonly #pending = new Map<number, PendingRow>();
  readonly #lastElapsedMs = new Map<string, number>();
  readonly #agentRows: AgentRows;
  /** Agents that have not ended the stage. */
  readonly #working: Set<string>;
  #nextInterval = 1;
  #writtenElapsedMs = 0;
  /** Reports up to this second may be of some time ago. */
  #behindUntil = 0;

  constructor(stage: RowStage, agentIds: readonly string[], sink: PerfSink) {
    this.#stage = stage;
    this.#working = new Set(agentIds);
    this.#agentRows = new AgentRows(stage, agentIds.length, sink);
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
        bytes: statsToText(row.stats.toDelta()),
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
    for (const { agents, bytes, cpus, elapsedMs, interval, intervalsMs } of state.pending) {
      const row = this.#pendingRow(interval);
      row.stats.add(statsFromText(bytes));
      row.intervalsMs.push(...intervalsMs);
      row.cpus.push(...cpus);
      for (const id of agents) this.#addAgent(row, id);
      row.elapsedMs = elapsedMs;
    }
  }

  /**
   * Notes that agents are about to tell all at once what they have done up to now.
   *
   * @param elapsedMs since the common start
   */
  catchUp(elapsedMs: number): void {
    this.#behindUntil = Math.ceil(elapsedMs / SECOND_MS) + MAX_LAG;
  }

  /**
   * Takes a report.
   *
   * @throws BenchError `STATS_MALFORMED` when one of its histograms is not well-formed; then nothing of it was taken
   */
  add(agentId: string, progress: PlainStageProgress): void {
    // The last report of a stage is cut short; often nothing happened in it.
    const isCutShort = progress.elapsedMs < progress.interval * SECOND_MS;
    const isEmpty = isCutShort && endedOf(countDelta(progress.stats)) === 0;
    const pending = isEmpty
      ? undefined
      : this.#pendingRow(Math.max(progress.interval, this.#nextInterval));
    (pending?.stats ?? new OperationStats()).add(progress.stats);
    const intervalMs = progress.elapsedMs - (this.#lastElapsedMs.get(agentId) ?? 0);
    this.#lastElapsedMs.set(agentId, progress.elapsedMs);
    this.#sink.reported(agentId, progress);
    if (pending === undefined) return;
    const elapsedMs = isCutShort ? progress.elapsedMs : progress.interval * SECOND_MS;
    this.#agentRows.add(agentId, progress, intervalMs, elapsedMs);
    pending.intervalsMs.push(intervalMs);
    pending.cpus.push(progress.cpu);
    this.#addAgent(pending, agentId);
    this.#passAgent(agentId, progress.interval);
    pending.elapsedMs = Math.max(pending.elapsedMs, elapsedMs);
    this.#writeComplete(progress.interval);
  }

  /** Notes that an agent reports no more for this stage. */
  agentEnded(agentId: string): void {
    if (this.#working.delete(agentId)) {
      for (const pending of this.#pending.values()) {
        if (!pending.agents.has(agentId) && !pending.passed.has(agentId)) pending.missing--;
      }
    }
    this.#agentRows.write(agentId);
    this.#writeComplete(0);
  }

  /** Writes everything that is left. */
  end(): void {
    this.#agentRows.writeAll();
    for (const interval of [...this.#pending.keys()].toSorted((a, b) => a - b)) {
      this.#write(interval);
    }
  }

  #addAgent(pending: PendingRow, agentId: string): void {
    const isAwaited = !pending.agents.has(agentId) && !pending.passed.has(agentId);
    if (this.#working.has(agentId) && isAwaited) pending.missing--;
    pending.agents.add(agentId);
  }

  /** An agent that stood still, or could not send for long, reports many seconds as one: nothing before comes any more. */
  #passAgent(agentId: string, reported: number): void {
    for (const [interval, pending] of this.#pending) {
      if (interval >= reported || pending.agents.has(agentId) || pending.passed.has(agentId))
        continue;
      if (this.#working.has(agentId)) pending.missing--;
      pending.passed.add(agentId);
    }
  }

  #writeComplete(newest: number): void {
    const maxLag = newest <= this.#behindUntil ? MAX_LAG_BEHIND : MAX_LAG;
    // There may be seconds of which nobody has reported anything: all agents stood still.
    for (const interval of [...this.#pending.keys()].toSorted((a, b) => a - b)) {
      const isWhole = (this.#pending.get(interval)?.missing ?? 0) <= 0;
      if (!isWhole && newest < interval + maxLag) return;
      this.#write(interval);
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
    // A report of many seconds is of an agent that stood still, while others did not.
    const intervalMs =
      mean(intervalsMs.filter((reportedMs) => reportedMs < 2 * SECOND_MS)) ||
      elapsedMs - this.#writtenElapsedMs ||
      SECOND_MS;
    this.#writtenElapsedMs = elapsedMs;
    const span = { elapsedMs, intervalMs, stats, cpus, agentsReporting: agents.size };
    this.#sink.totalRow(rowOf(this.#stage, 'controller', span));
  }

  #pendingRow(interval: number): PendingRow {
    let row = this.#pending.get(interval);
    if (row === undefined) {
      row = {
        stats: new OperationStats(),
        intervalsMs: [],
        cpus: [],
        agents: new Set(),
        passed: new Set(),
        missing: this.#working.size,
        elapsedMs: 0,
      };
      this.#pending.set(interval, row);
    }
    return row;
  }
}
