import type { AgentDirectory, LedgerRow, StageResult } from '@sai3bench/results-dir';
import type { OperationStats } from '@sai3bench/stats';
import type { Stage } from '@sai3bench/workload-config';
import type { AgentMember } from '../team/agent-member.ts';
import type { StageRows } from './stage-rows.ts';
import type { StageTally } from './stage-tally.ts';

/** Where the tables of a stage go: a results directory. */
export interface StageFiles {
  addLedger(rows: readonly LedgerRow[]): void;
  agent(agentId: string): Pick<AgentDirectory, 'addStage'>;
  writeStage(result: StageResult): void;
}

/** What the tables of a stage are made of, and where they go. */
export interface StageResultsOptions {
  readonly stage: Stage;
  /** Position among the stages, from 1. */
  readonly number: number;
  readonly members: readonly Pick<AgentMember, 'id'>[];
  readonly results: StageFiles;
  readonly tally: StageTally;
  readonly rows: Pick<StageRows, 'total'>;
  /** The time of day. */
  readonly now: () => Date;
  readonly testName: string;
}

/** Writes the tables of a stage: of each agent once, of all together as often as more has become known. */
export class StageResults {
  readonly #options: StageResultsOptions;
  readonly #written = new Set<string>();
  readonly #inLedger = new Set<string>();

  constructor(options: StageResultsOptions) {
    this.#options = options;
  }

  /** Notes an agent of which another controller has written all that was to come of it. */
  restoreWritten(agentId: string): void {
    this.#written.add(agentId);
    this.#inLedger.add(agentId);
  }

  /**
   * Writes an agent's results once: from its summary, or at the end from its intervals when there is none. Nothing of one
   * of which there are only counts.
   */
  writeAgent(agentId: string): void {
    if (this.#written.has(agentId)) return;
    const { results, stage, tally } = this.#options;
    const { hasGap, summary, wallMs } = tally.of(agentId);
    const stats = hasGap ? this.#rowsOf(agentId) : tally.statsOf(agentId);
    if (stats === undefined) return;
    this.#written.add(agentId);
    results.agent(agentId).addStage(
      stage.name,
      stats,
      wallMs,
      (summary?.errors ?? []).map((group) => ({ ...group, stage: stage.name })),
    );
  }

  /**
   * Writes the results of the stage; again, when agents have reported that were left behind.
   *
   * @param partial why they are not those of a whole stage
   * @param working agents that may still report
   */
  write(partial: string | undefined, working: ReadonlySet<string>): StageResult {
    const { members, results, stage } = this.#options;
    const ended = members.map(({ id }) => id).filter((id) => !working.has(id));
    for (const id of ended) this.writeAgent(id);
    const result = this.#result(partial);
    results.writeStage(result);
    if (stage.kind === 'prepare') this.#addLedger(ended);
    return result;
  }

  /** Ids of agents of which only counts are known; of one that is alone, its rows say the same as a table. */
  get onlyCounted(): string[] {
    return this.#options.tally.gaps.filter((id) => this.#rowsOf(id) === undefined);
  }

  #result(partial: string | undefined): StageResult {
    const { members, number, rows, stage, tally } = this.#options;
    const statsOf = (id: string): OperationStats | undefined =>
      tally.of(id).hasGap ? this.#rowsOf(id) : tally.of(id).stats;
    return {
      number,
      name: stage.name,
      kind: stage.kind,
      wallMs: tally.wallMs,
      commonWindow: tally.commonWindow(),
      // Without the histograms of agents that did not come back, the rows are what is known of all.
      stats: tally.gaps.length > 0 ? rows.total : tally.total(),
      agents: members.map(({ id }) => ({
        agentId: id,
        counts: tally.of(id).counts,
        wallMs: tally.of(id).wallMs,
        // Made when somebody asks: those of a thousand agents take half a gigabyte.
        get stats() {
          return statsOf(id);
        },
      })),
      partial,
    };
  }

  /** What rows hold of an agent: those of all together, of one that is alone. */
  #rowsOf(agentId: string): OperationStats | undefined {
    const isAlone = this.#options.members.every(({ id }) => id === agentId);
    return isAlone ? this.#options.rows.total : undefined;
  }

  /** Notes what each agent has made, once for each that has reported all of it or will not any more. */
  #addLedger(ended: readonly string[]): void {
    const news = ended.filter((id) => !this.#inLedger.has(id));
    if (news.length === 0) return;
    for (const id of news) this.#inLedger.add(id);
    this.#options.results.addLedger(this.#ledgerRows(news));
  }

  #ledgerRows(agentIds: readonly string[]): LedgerRow[] {
    const { now, stage, tally, testName } = this.#options;
    const at = now();
    return agentIds.map((agentId) => {
      const { counts, summary, wallMs } = tally.of(agentId);
      const { bytes, operations } = counts.classes.PUT;
      return {
        ...{ at, testName, agentId, stage: stage.name, wallMs },
        objectsCreated: operations,
        objectsExisted: summary?.tasksExisted ?? 0,
        totalBytes: bytes,
      };
    });
  }
}
