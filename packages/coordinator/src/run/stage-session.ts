import type {
  PlainErrorGroup,
  PlainStageProgress,
  PlainStageSummary,
} from '@sai3bench/barrier-protocol';
import {
  type LedgerRow,
  type PerfRow,
  type ResultsDirectory,
  type StageRecord,
  type StageResult,
} from '@sai3bench/results-dir';
import { type DeltaCounts, endedOf, OperationStats } from '@sai3bench/stats';
import type { Stage, VerifyLevel } from '@sai3bench/workload-config';
import { EndpointTally, type EndpointTurn } from '../stage/endpoint-tally.ts';
import type { WritingOptions } from '../stage/endpoint-record.ts';
import { expectationWarning, tasksTotalOf } from '../stage/expectation.ts';
import { PerfRows, type PerfRowsState } from '../stage/perf-rows.ts';
import { RowTotal } from '../stage/row-total.ts';
import { mergeErrorGroups } from '../stage/error-groups.ts';
import type { AgentTally } from '../stage/agent-tally.ts';
import { silentAgents } from '../stage/silent-agents.ts';
import { StageTally } from '../stage/stage-tally.ts';
import type { AgentMember } from './agent-member.ts';
import type { StageView } from './run-observer.ts';
import { stageRecord } from './stage-record.ts';
import type { StageStart } from './stage-start.ts';

/** What a stage session needs to know. */
export interface StageSessionOptions {
  readonly stage: Stage;
  /** Position among the stages, from 1. */
  readonly number: number;
  readonly stages: number;
  readonly members: readonly AgentMember[];
  readonly results: ResultsDirectory;
  readonly writing: WritingOptions;
  /** What of GETs is compared with what was written. */
  readonly verify: VerifyLevel;
  readonly start: StageStart;
  /** Time since the common start; negative before it. */
  readonly elapsedMs: () => number;
  /** The time of day. */
  readonly now: () => Date;
  readonly testName: string;
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

/** One stage while it runs: takes the reports of the agents, writes their rows and, at the end, its results. */
export class StageSession {
  readonly stage: Stage;
  readonly tally: StageTally;
  readonly #options: StageSessionOptions;
  readonly #rows: PerfRows;
  readonly #rowTotal = new RowTotal();
  readonly #endpoints: EndpointTally;
  #latest: { readonly stats: OperationStats; readonly intervalMs: number } = {
    stats: new OperationStats(),
    intervalMs: 0,
  };
  readonly #written = new Set<string>();
  readonly #inLedger = new Set<string>();
  /** Agents that have not ended the stage. */
  readonly #working: Set<string>;

  constructor(options: StageSessionOptions) {
    const { members, results, stage, start } = options;
    const ids = members.map(({ id }) => id);
    this.#options = options;
    this.stage = stage;
    this.#working = new Set(ids);
    this.tally = new StageTally(ids);
    this.#endpoints = new EndpointTally(members.map(({ plan }) => plan));
    this.#rows = new PerfRows(stage.name, start.atMs, ids, {
      reported: (agentId, progress) => {
        this.tally.addProgress(agentId, progress);
      },
      agentRow: (agentId, row) => {
        results.agent(agentId).addPerfRow(row);
      },
      takeInterval: (agentId) => this.tally.takeInterval(agentId),
      totalRow: (row: PerfRow) => {
        this.#latest = row;
        this.#rowTotal.add(row.stats);
        results.addPerfRow(row);
      },
    });
  }

  /**
   * Takes an agent's report; returns which endpoints have gone out or come back by it.
   *
   * @throws BenchError `STATS_MALFORMED` when one of its histograms is not well-formed; then nothing of it was taken
   */
  progress(agentId: string, progress: PlainStageProgress): EndpointTurn[] {
    this.#rows.add(agentId, progress);
    return this.#endpoints.add(agentId, progress);
  }

  /**
   * Takes an agent's final report and writes its results; they are durable when this returns, unless it is one of many.
   *
   * @returns whether the report equals the sum of its intervals
   */
  summary(agentId: string, summary: PlainStageSummary): boolean {
    const consistent = this.tally.addSummary(agentId, summary);
    this.agentGone(agentId);
    this.#writeAgent(agentId);
    return consistent;
  }

  /** What is needed to go on with the rows from here, and with a table that equals them. */
  rowsState(): StageRowsState {
    const unfinished = [...this.tally.agents].filter(([, { summary }]) => summary === undefined);
    return {
      ...this.#rows.state(),
      total: { bytes: this.#rowTotal.toText() },
      counts: Object.fromEntries(unfinished.map(([id, { counts }]) => [id, counts])),
    };
  }

  /** Goes on with the rows from where another controller has ended; agents tell soon what is not in them yet. */
  restoreRows(state: StageRowsState | undefined): void {
    if (state !== undefined) {
      this.#rows.restore(state);
      this.#rowTotal.restore(state.total.bytes);
      for (const [id, counts] of Object.entries(state.counts)) {
        if (endedOf(counts) > 0) this.tally.restoreCounts(id, counts, state.lastElapsedMs[id] ?? 0);
      }
    }
    this.#rows.catchUp(this.elapsedMs);
  }

  /** Notes agents of which another controller has written all that was to come of them. */
  restoreWritten(agentIds: readonly string[]): void {
    for (const agentId of agentIds) {
      this.#written.add(agentId);
      this.#inLedger.add(agentId);
      this.agentGone(agentId);
    }
  }

  /** Takes an agent's final report that another controller has kept; what is written of it is written again. */
  restoreSummary(agentId: string, summary: PlainStageSummary): void {
    this.tally.restore(agentId, summary.stats);
    this.summary(agentId, summary);
  }

  /** Takes what an agent has reported to another controller, and what that has written. */
  restoreProgress(agentId: string, progress: PlainStageProgress): void {
    if (this.tally.of(agentId).summary !== undefined) return;
    this.tally.restoreProgress(agentId, progress);
    this.#endpoints.add(agentId, progress);
  }

  /** Notes that an agent reports no more for this stage. */
  agentGone(agentId: string): void {
    this.#working.delete(agentId);
    this.#rows.agentEnded(agentId);
    this.#endpoints.agentEnded(agentId);
  }

  /** Time since the common start; negative before it. */
  get elapsedMs(): number {
    return this.#options.elapsedMs();
  }

  /** Whether an agent's final report is there. */
  has(agentId: string): boolean {
    return this.tally.agents.get(agentId)?.summary !== undefined;
  }

  /** Position among the stages, from 1. */
  get number(): number {
    return this.#options.number;
  }

  get start(): StageStart {
    return this.#options.start;
  }

  /** Ids of agents at work on it that may still report. */
  get working(): ReadonlySet<string> {
    return this.#working;
  }

  /** Whether agents are at work on it that may still report. */
  get isUnderWay(): boolean {
    return this.#working.size > 0;
  }

  /** How the stage is going. */
  view(): StageView {
    const { members, number, stage, stages } = this.#options;
    const tallies = [...this.tally.agents.values()];
    const sum = (pick: (tally: AgentTally) => number): number =>
      tallies.reduce((total, tally) => total + pick(tally), 0);
    return {
      number,
      stages,
      stage,
      elapsedMs: Math.max(0, this.elapsedMs),
      tasksDone: sum(({ tasksDone }) => tasksDone),
      tasksTotal: tasksTotalOf(
        stage,
        tallies.map((tally) => ({
          isKnown: tally.elapsedMs > 0 || tally.summary !== undefined,
          tasksTotal: tally.tasksTotal,
        })),
      ),
      directoriesDone: sum(({ directoriesDone }) => directoriesDone),
      directoriesTotal: sum(({ directoriesTotal }) => directoriesTotal),
      putOff: sum(({ putOff }) => putOff),
      errors: sum(({ counts }) => counts.errors),
      operations: this.tally.operations,
      latest: this.#latest.stats,
      latestMs: this.#latest.intervalMs,
      endpoints: this.#endpoints.view(),
      agents: members.length,
      agentsDone: tallies.filter(({ summary }) => summary !== undefined).length,
      silent: silentAgents(this.#working, this.tally.agents, this.elapsedMs),
      threads: members.reduce((total, { plan }) => total + plan.concurrency, 0),
    };
  }

  /**
   * Writes the results of the stage; again, when agents have reported that were left behind.
   *
   * @param partial why they are not those of a whole stage
   */
  finish(partial: string | undefined): StageResult {
    const { members, number, results, stage } = this.#options;
    const statsOf = (id: string): OperationStats | undefined =>
      this.tally.of(id).hasGap ? this.#rowsOf(id) : this.tally.of(id).stats;
    this.#rows.end();
    for (const { id } of members) if (!this.#working.has(id)) this.#writeAgent(id);
    const result: StageResult = {
      number,
      name: stage.name,
      kind: stage.kind,
      wallMs: this.tally.wallMs,
      commonWindow: this.tally.commonWindow(),
      // Without the histograms of agents that did not come back, the rows are what is known of all.
      stats: this.tally.gaps.length > 0 ? this.#rowTotal.stats : this.tally.total(),
      agents: members.map(({ id }) => {
        const tally = this.tally.of(id);
        return {
          agentId: id,
          counts: tally.counts,
          wallMs: tally.wallMs,
          // Made when somebody asks: those of a thousand agents take half a gigabyte.
          get stats() {
            return statsOf(id);
          },
        };
      }),
      partial,
    };
    results.writeStage(result);
    if (stage.kind === 'prepare') this.#addLedger();
    return result;
  }

  /** Notes what each agent has made, once for each that has reported all of it or will not any more. */
  #addLedger(): void {
    const { members, results } = this.#options;
    const news = members.filter(({ id }) => !this.#working.has(id) && !this.#inLedger.has(id));
    if (news.length === 0) return;
    for (const { id } of news) this.#inLedger.add(id);
    results.addLedger(this.#ledgerRows(news));
  }

  #ledgerRows(members: readonly AgentMember[]): LedgerRow[] {
    const { now, stage, testName } = this.#options;
    const at = now();
    return members.map(({ id: agentId }) => {
      const { counts, summary, wallMs } = this.tally.of(agentId);
      const { bytes, operations } = counts.classes.PUT;
      return {
        ...{ at, testName, agentId, stage: stage.name, wallMs },
        objectsCreated: operations,
        objectsExisted: summary?.tasksExisted ?? 0,
        totalBytes: bytes,
      };
    });
  }

  /** Failed operations of all agents by kind, the most frequent first. */
  errorGroups(): PlainErrorGroup[] {
    return mergeErrorGroups(this.tally.summaries().flatMap(([, { errors }]) => errors));
  }

  /** That it was about another number of tasks than expected; undefined where it was not, or is not known to be. */
  expectationWarning({ partial }: StageResult): string | undefined {
    if (partial !== undefined) return undefined;
    return expectationWarning(
      this.stage,
      this.tally.summaries().map(([, summary]) => summary),
    );
  }

  /** What `metadata.json` says of the stage. */
  record(result: StageResult): StageRecord {
    const unexpected = this.expectationWarning(result);
    return stageRecord(result, {
      ...this.#options,
      tally: this.tally,
      warnings: unexpected === undefined ? [] : [unexpected],
    });
  }

  /** What rows hold of an agent: those of all together, of one that is alone. */
  #rowsOf(agentId: string): OperationStats | undefined {
    const isAlone = this.#options.members.every(({ id }) => id === agentId);
    return isAlone ? this.#rowTotal.stats : undefined;
  }

  /** Ids of agents of which only counts are known; of one that is alone, its rows say the same as a table. */
  get onlyCounted(): string[] {
    return this.tally.gaps.filter((id) => this.#rowsOf(id) === undefined);
  }

  /**
   * Writes an agent's results once: from its summary, or at the end from its intervals when there is none. Nothing of one
   * of which there are only counts.
   */
  #writeAgent(agentId: string): void {
    if (this.#written.has(agentId)) return;
    const { hasGap, summary, wallMs } = this.tally.of(agentId);
    const { results, stage } = this.#options;
    const stats = hasGap ? this.#rowsOf(agentId) : this.tally.statsOf(agentId);
    if (stats === undefined) return;
    this.#written.add(agentId);
    results.agent(agentId).addStage(
      stage.name,
      stats,
      wallMs,
      (summary?.errors ?? []).map((group) => ({ ...group, stage: stage.name })),
    );
  }
}
