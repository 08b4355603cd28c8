import type { PlainStageProgress } from '@sai3bench/barrier-protocol';
import type { PerfRow } from '@sai3bench/results-dir';
import { countDelta, endedOf } from '@sai3bench/stats';
import { AgentRows, type AgentSink } from './agent-rows.ts';
import { rowOf, type RowStage } from './perf-row.ts';
import { ReportedPart, type ReportedPartState } from './reported-part.ts';

const SECOND_MS = 1000;
/**
 * A row waits for agents that are late until reports this many seconds newer have arrived: one whose link is cut tells
 * afterwards what it did meanwhile, second by second.
 */
const MAX_LAG = 60;
/** How long it waits before what there is of it is shown. */
const SHOWN_LAG = 3;
/** A report is of a second, more or less; one of more time is of an agent that stood still. */
const LONG_REPORT_MS = 2 * SECOND_MS;

/** What the agents reported for one second of a stage. */
interface PendingRow {
  /** Of that second. */
  readonly timely: ReportedPart;
  /** Of seconds that were written before, or of many at once: what is in it must not count as done in this second. */
  readonly late: ReportedPart;
  /** Agents at work that have reported neither this second nor a later one. */
  readonly waitsFor: Set<string>;
  elapsedMs: number;
}

/** Of an agent that has reported nothing. */
const NO_REPORT = { elapsedMs: 0, interval: 0 } as const;

/** Where rows go. */
export interface PerfSink extends AgentSink {
  /** Called for each report, before a row is written of it. Its histograms are well-formed. */
  readonly reported: (agentId: string, progress: PlainStageProgress) => void;
  readonly totalRow: (row: PerfRow) => void;
  /** Told the latest second of which there is anything to be shown; also when its row still waits for agents. */
  readonly latest: (row: PerfRow) => void;
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
    readonly timely: ReportedPartState;
    readonly late: ReportedPartState;
    /** Agent ids. */
    readonly waitsFor: readonly string[];
  }[];
}

/**
 * Makes the rows of the performance logs of a stage: those of each agent, and one a second for all agents together when
 * every agent that is still at work has reported that second. What comes later than a row can wait, and what is of many
 * seconds at once, has a row of its own beside that of the next second, so that the rows add up to the whole, and none
 * holds a rate that never was.
 */
export class PerfRows {
  readonly #stage: RowStage;
  readonly #sink: PerfSink;
  readonly #pending = new Map<number, PendingRow>();
  /** The last report of each agent. */
  readonly #last = new Map<string, { readonly elapsedMs: number; readonly interval: number }>();
  readonly #agentRows: AgentRows;
  /** Agents that have not ended the stage. */
  readonly #working: Set<string>;
  /** Up to which second agents still report that have ended the stage. */
  readonly #owed = new Map<string, number>();
  #nextInterval = 1;
  #writtenElapsedMs = 0;
  /** The latest second that was shown. */
  #shownInterval = 0;

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
      lastElapsedMs: Object.fromEntries(
        [...this.#last].map(([id, { elapsedMs }]) => [id, elapsedMs]),
      ),
      pending: [...this.#pending].map(([interval, { elapsedMs, late, timely, waitsFor }]) => ({
        ...{ interval, elapsedMs, waitsFor: [...waitsFor] },
        ...{ timely: timely.state(), late: late.state() },
      })),
    };
  }

  /** Goes on from where others have ended. */
  restore(state: PerfRowsState): void {
    this.#nextInterval = state.nextInterval;
    this.#writtenElapsedMs = state.writtenElapsedMs;
    for (const [id, elapsedMs] of Object.entries(state.lastElapsedMs)) {
      this.#last.set(id, { elapsedMs, interval: Math.floor(elapsedMs / SECOND_MS) });
    }
    for (const { elapsedMs, interval, late, timely, waitsFor } of state.pending) {
      const working = waitsFor.filter((id) => this.#working.has(id));
      const row = { ...newRow(working), elapsedMs };
      row.timely.restore(timely);
      row.late.restore(late);
      this.#pending.set(interval, row);
    }
  }

  /**
   * Takes a report.
   *
   * @throws BenchError `STATS_MALFORMED` when one of its histograms is not well-formed; then nothing of it was taken
   */
  add(agentId: string, progress: PlainStageProgress): void {
    // The last report of a stage is cut short; often nothing happened in it.
    const isCutShort = progress.elapsedMs < progress.interval * SECOND_MS;
    const { stats } = progress;
    const isEmpty = isCutShort && stats.slots.length === 0 && endedOf(countDelta(stats)) === 0;
    const { elapsedMs: lastMs } = this.#last.get(agentId) ?? NO_REPORT;
    const intervalMs = progress.elapsedMs - lastMs;
    const isOfOld = progress.interval < this.#nextInterval;
    const row = isEmpty
      ? undefined
      : this.#pendingRow(Math.max(progress.interval, this.#nextInterval));
    const isLate = isOfOld || intervalMs >= LONG_REPORT_MS;
    const part = isLate ? row?.late : row?.timely;
    (part ?? new ReportedPart()).add(agentId, progress, intervalMs);
    this.#last.set(agentId, { elapsedMs: progress.elapsedMs, interval: progress.interval });
    this.#sink.reported(agentId, progress);
    if (row === undefined) return;
    const elapsedMs = isCutShort ? progress.elapsedMs : progress.interval * SECOND_MS;
    this.#agentRows.add(agentId, progress, intervalMs, elapsedMs);
    row.elapsedMs = Math.max(row.elapsedMs, elapsedMs);
    // One that stood still, or could not send for long, reports many seconds as one: nothing before comes any more.
    for (const [interval, { waitsFor }] of this.#pending) {
      if (interval <= progress.interval) waitsFor.delete(agentId);
    }
    this.#writeComplete(progress.interval);
  }

  /**
   * Notes that an agent whose final report another controller has kept tells its last seconds again.
   *
   * @param endMs when it ended the stage, since the common start
   */
  expectAgain(agentId: string, endMs: number): void {
    if ((this.#last.get(agentId) ?? NO_REPORT).elapsedMs >= endMs) return;
    this.#owed.set(agentId, Math.ceil(endMs / SECOND_MS));
  }

  /** Notes that an agent has ended the stage, or, when it had, that it reports no more. */
  agentEnded(agentId: string): void {
    if (!this.#working.delete(agentId)) this.#owed.delete(agentId);
    const owed = this.#owed.get(agentId) ?? 0;
    for (const [interval, { waitsFor }] of this.#pending) {
      if (interval > owed) waitsFor.delete(agentId);
    }
    this.#agentRows.write(agentId);
    this.#writeComplete(0);
  }

  /** Writes everything that is left. */
  end(): void {
    this.#agentRows.writeAll();
    for (const [interval, row] of this.#inOrder()) this.#write(interval, row);
  }

  #writeComplete(newest: number): void {
    let isHeldUp = false;
    // There may be seconds of which nobody has reported anything: all agents stood still.
    for (const [interval, row] of this.#inOrder()) {
      isHeldUp ||= row.waitsFor.size > 0 && newest < interval + MAX_LAG;
      if (!isHeldUp) this.#write(interval, row);
      else if (newest >= interval + SHOWN_LAG) this.#show(interval, row);
    }
  }

  /** Shows what there is of a second that waits for agents. */
  #show(interval: number, row: PendingRow): void {
    if (interval <= this.#shownInterval) return;
    this.#shownInterval = interval;
    const [shown] = this.#rowsOf(row);
    if (shown !== undefined) this.#sink.latest(shown);
    row.timely.pack();
    row.late.pack();
  }

  #write(interval: number, row: PendingRow): void {
    this.#pending.delete(interval);
    this.#nextInterval = interval + 1;
    const rows = this.#rowsOf(row);
    this.#writtenElapsedMs = Math.max(row.elapsedMs, this.#writtenElapsedMs);
    for (const written of rows) this.#sink.totalRow(written);
    const [shown] = rows;
    if (shown === undefined || interval <= this.#shownInterval) return;
    this.#shownInterval = interval;
    this.#sink.latest(shown);
  }

  /** What was reported for a second in it, and what was besides. */
  #rowsOf({ late, timely, ...row }: PendingRow): PerfRow[] {
    // A row of late reports alone does not lie before the row that they missed.
    const elapsedMs = Math.max(row.elapsedMs, this.#writtenElapsedMs);
    const spans = [
      { part: timely, intervalMs: timely.meanMs },
      { part: late, intervalMs: late.longestMs },
    ];
    return spans.flatMap(({ intervalMs, part }) =>
      part.isEmpty
        ? []
        : [
            rowOf(this.#stage, 'controller', {
              ...{ elapsedMs, intervalMs: intervalMs || SECOND_MS },
              ...part.content,
            }),
          ],
    );
  }

  #inOrder(): [number, PendingRow][] {
    return [...this.#pending].toSorted(([a], [b]) => a - b);
  }

  #pendingRow(interval: number): PendingRow {
    let row = this.#pending.get(interval);
    if (row === undefined) {
      const owing = [...this.#owed].flatMap(([id, until]) => (interval <= until ? [id] : []));
      const isDue = (id: string): boolean => (this.#last.get(id) ?? NO_REPORT).interval < interval;
      row = newRow([...this.#working, ...owing].filter(isDue));
      this.#pending.set(interval, row);
    }
    return row;
  }
}

function newRow(waitsFor: readonly string[]): PendingRow {
  return {
    timely: new ReportedPart(),
    late: new ReportedPart(),
    waitsFor: new Set(waitsFor),
    elapsedMs: 0,
  };
}
