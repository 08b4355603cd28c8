import type { PlainStageProgress } from '@sai3bench/barrier-protocol';
import type { PerfRow } from '@sai3bench/results-dir';
import { type DeltaCounts, endedOf, OperationStats } from '@sai3bench/stats';
import type { RowStage } from './perf-row.ts';
import { PerfRows, type PerfRowsState } from './perf-rows.ts';
import { RowTotal } from './row-total.ts';
import type { StageTally } from './stage-tally.ts';

/** Where the rows of a stage go: a results directory. */
export interface RowFiles {
  addPerfRow(row: PerfRow): void;
  agent(agentId: string): { addPerfRow(row: PerfRow): void };
}

/** What is known of a stage that its agents need not report again, as it goes into a file. */
export interface StageRowsState extends PerfRowsState {
  /** The sum of the rows that are written. */
  readonly total: {
    /** Statistics, in base64. */
    readonly bytes: string;
  };
  /** What agents have done that have not ended the stage, by id. */
  readonly counts: Readonly<Record<string, DeltaCounts>>;
}

/** What is known of the latest second that can be shown. */
export type LatestRow = Pick<PerfRow, 'stats' | 'intervalMs'>;

/** Counts the reports of the agents of a stage, and writes their rows. */
export class StageRows {
  readonly #tally: StageTally;
  readonly #rows: PerfRows;
  readonly #total = new RowTotal();
  #latest: LatestRow = { stats: new OperationStats(), intervalMs: 0 };

  constructor(stage: RowStage, tally: StageTally, files: RowFiles) {
    this.#tally = tally;
    this.#rows = new PerfRows(stage, [...tally.agents.keys()], {
      reported: (agentId, progress) => {
        tally.addProgress(agentId, progress);
      },
      agentRow: (agentId, row) => {
        files.agent(agentId).addPerfRow(row);
      },
      takeInterval: (agentId) => tally.takeInterval(agentId),
      totalRow: (row) => {
        this.#total.add(row.stats);
        files.addPerfRow(row);
      },
      latest: (row) => {
        this.#latest = row;
      },
    });
  }

  /**
   * Takes an agent's report.
   *
   * @throws BenchError `STATS_MALFORMED` when one of its histograms is not well-formed; then nothing of it was taken
   */
  add(agentId: string, progress: PlainStageProgress): void {
    this.#rows.add(agentId, progress);
  }

  /**
   * Notes that an agent whose final report another controller has kept tells its last seconds again.
   *
   * @param endMs when it ended the stage, since the common start
   */
  expectAgain(agentId: string, endMs: number): void {
    this.#rows.expectAgain(agentId, endMs);
  }

  /** Notes that an agent has ended the stage, or, when it had, that it reports no more. */
  agentEnded(agentId: string): void {
    this.#rows.agentEnded(agentId);
  }

  /** Writes everything that is left. */
  end(): void {
    this.#rows.end();
  }

  /** The sum of the rows for all agents that are written. */
  get total(): OperationStats {
    return this.#total.stats;
  }

  get latest(): LatestRow {
    return this.#latest;
  }

  /** What is needed to go on from here, and with a table that equals the rows. */
  state(): StageRowsState {
    const unfinished = [...this.#tally.agents].filter(([, { summary }]) => summary === undefined);
    return {
      ...this.#rows.state(),
      total: { bytes: this.#total.toText() },
      counts: Object.fromEntries(unfinished.map(([id, { counts }]) => [id, counts])),
    };
  }

  /** Goes on from where another controller has ended. */
  restore(state: StageRowsState): void {
    this.#rows.restore(state);
    this.#total.restore(state.total.bytes);
    for (const [id, counts] of Object.entries(state.counts)) {
      if (endedOf(counts) > 0) this.#tally.restoreCounts(id, counts, state.lastElapsedMs[id] ?? 0);
    }
  }
}
