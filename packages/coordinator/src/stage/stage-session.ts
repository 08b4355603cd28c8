import type {
  PlainErrorGroup,
  PlainStageProgress,
  PlainStageSummary,
} from '@sai3bench/barrier-protocol';
import type { StageRecord, StageResult } from '@sai3bench/results-dir';
import type { Stage, VerifyLevel } from '@sai3bench/workload-config';
import type { StageView } from '../run/run-observer.ts';
import type { AgentMember } from '../team/agent-member.ts';
import type { WritingOptions } from './endpoint-record.ts';
import { EndpointTally, type EndpointTurn } from './endpoint-tally.ts';
import { mergeErrorGroups } from './error-groups.ts';
import { expectationWarning } from './expectation.ts';
import { stageRecord, startRecords } from './stage-record.ts';
import { type StageFiles, StageResults } from './stage-results.ts';
import { type RowFiles, StageRows } from './stage-rows.ts';
import type { StageStart } from './stage-start.ts';
import { StageTally } from './stage-tally.ts';
import { startWarning } from './start-warning.ts';
import { viewStage } from './view-stage.ts';

/** What a stage session needs to know. */
export interface StageSessionOptions {
  readonly stage: Stage;
  /** Position among the stages, from 1. */
  readonly number: number;
  readonly stages: number;
  readonly members: readonly Pick<AgentMember, 'id' | 'plan'>[];
  readonly results: RowFiles & StageFiles;
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

/** One stage while it runs: takes the reports of the agents, and tells what is known of it. */
export class StageSession {
  readonly stage: Stage;
  readonly tally: StageTally;
  readonly rows: StageRows;
  readonly endpoints: EndpointTally;
  readonly results: StageResults;
  readonly #options: StageSessionOptions;
  /** Agents that have not ended the stage. */
  readonly #working: Set<string>;

  constructor(options: StageSessionOptions) {
    const { members, results, stage, start } = options;
    const ids = members.map(({ id }) => id);
    this.#options = options;
    this.stage = stage;
    this.#working = new Set(ids);
    this.tally = new StageTally(ids);
    this.endpoints = new EndpointTally(members.map(({ plan }) => plan));
    const begun = { name: stage.name, startedAtMs: start.atMs };
    this.rows = new StageRows(begun, this.tally, results);
    this.results = new StageResults({ ...options, tally: this.tally, rows: this.rows });
  }

  /**
   * Takes an agent's report; returns which endpoints have gone out or come back by it.
   *
   * @throws BenchError `STATS_MALFORMED` when one of its histograms is not well-formed; then nothing of it was taken
   */
  progress(agentId: string, progress: PlainStageProgress): EndpointTurn[] {
    this.rows.add(agentId, progress);
    return this.endpoints.add(agentId, progress);
  }

  /**
   * Takes an agent's final report and writes its results; they are durable when this returns, unless it is one of many.
   *
   * @returns whether the report equals the sum of its intervals
   */
  summary(agentId: string, summary: PlainStageSummary): boolean {
    const consistent = this.tally.addSummary(agentId, summary);
    this.agentGone(agentId);
    this.results.writeAgent(agentId);
    return consistent;
  }

  /** Notes that an agent reports no more for this stage. */
  agentGone(agentId: string): void {
    this.#working.delete(agentId);
    this.rows.agentEnded(agentId);
    this.endpoints.agentEnded(agentId);
  }

  /**
   * Writes the results of the stage; again, when agents have reported that were left behind.
   *
   * @param partial why they are not those of a whole stage
   */
  finish(partial: string | undefined): StageResult {
    this.rows.end();
    return this.results.write(partial, this.#working);
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
    return viewStage({
      ...this.#options,
      elapsedMs: this.elapsedMs,
      tally: this.tally,
      latest: this.rows.latest,
      endpoints: this.endpoints.view(),
      working: this.#working,
    });
  }

  /** Failed operations of all agents by kind, the most frequent first. */
  errorGroups(): PlainErrorGroup[] {
    return mergeErrorGroups(this.tally.summaries().flatMap(([, { errors }]) => errors));
  }

  /**
   * What is to be known of it as a whole: that it was about another number of tasks than expected, that it did not begin at
   * the same time everywhere.
   */
  warnings({ partial, wallMs }: StageResult): string[] {
    const summaries = this.tally.summaries().map(([, summary]) => summary);
    const starts = startRecords(this.start, this.tally);
    return [
      partial === undefined ? expectationWarning(this.stage, summaries) : undefined,
      startWarning(this.stage.kind, starts, wallMs),
    ].flatMap((warning) => warning ?? []);
  }

  /** What `metadata.json` says of the stage. */
  record(result: StageResult): StageRecord {
    return stageRecord(result, {
      ...this.#options,
      tally: this.tally,
      warnings: this.warnings(result),
    });
  }
}
