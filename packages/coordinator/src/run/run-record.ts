import { BenchError, summarizeError } from '@sai3bench/errors';
import {
  formatRfc3339,
  type RunStatus,
  type StageErrors,
  type StageRecord,
  type StageResult,
} from '@sai3bench/results-dir';
import type { OperationStats } from '@sai3bench/stats';
import type { AgentMember } from './agent-member.ts';
import type { AgentTeam } from './agent-team.ts';
import type { RunOptions } from './run-options.ts';
import type { RunFailure, RunOutcome, RunOutcomeKind } from './run-outcome.ts';
import type { StageSession } from './stage-session.ts';

/** Keeps `metadata.json` up to date while a run goes on, and closes the books at its end. */
export class RunRecord {
  readonly #options: RunOptions;
  readonly #members: readonly AgentMember[];
  readonly #startedAt: Date;
  readonly #stages: StageRecord[] = [];
  readonly #errors: StageErrors[] = [];
  #operations = 0;
  #errorCount = 0;

  constructor(options: RunOptions, members: readonly AgentMember[]) {
    this.#options = options;
    this.#members = members;
    this.#startedAt = options.now();
  }

  begin(): void {
    this.#writeMetadata(null);
  }

  /** Counts what a stage has done, whether or not its results can be written. */
  addTotals(stats: OperationStats): void {
    this.#operations += stats.operationCount();
    this.#errorCount += stats.errors();
  }

  /** Notes a stage that has ended; its table is on disk already. */
  addStage(result: StageResult, session: StageSession): void {
    this.#stages.push(session.record(result));
    this.#errors.push({ stage: result.name, groups: session.errorGroups() });
    this.#writeMetadata(null);
  }

  /** Writes how the run ended. Where even that cannot be written, the run has failed. */
  end(kind: RunOutcomeKind, team: AgentTeam): RunOutcome {
    const at = this.#options.now();
    const outcome = (): RunOutcome => ({
      kind: team.failedHere ? 'failed' : kind,
      failures: team.failures,
      operations: this.#operations,
      errors: this.#errorCount,
    });
    try {
      this.#writeMetadata(at);
      this.#options.results.writeStatus(this.#status(outcome(), at, team));
    } catch (error) {
      team.failHere(BenchError.from(error));
    }
    return outcome();
  }

  #writeMetadata(end: Date | null): void {
    const { metadata, results } = this.#options;
    const longestMs = Math.max(0, ...this.#members.map(({ stagesMs }) => stagesMs));
    results.writeMetadata({
      ...metadata,
      start_time: formatRfc3339(this.#startedAt),
      end_time: end === null ? null : formatRfc3339(end),
      duration_secs: end === null ? null : longestMs / 1000,
      stages: this.#stages,
    });
  }

  #status({ errors, kind, operations }: RunOutcome, at: Date, team: AgentTeam): RunStatus {
    return {
      outcome: STATUS[kind],
      at,
      agents: this.#members.map((member) => member.status()),
      totalOperations: operations,
      totalErrors: errors,
      errors: this.#errors,
      failure: {
        reasons: [
          ...(team.stopReason === undefined ? [] : [`The run was ${team.stopReason} by the user.`]),
          ...team.failures.map(describeFailure),
        ],
        hints: [
          ...new Set(team.failures.flatMap(({ error }) => error.hint ?? [])),
          'agents/*/console.log and agents/*/errors.tsv tell what each agent saw',
        ],
      },
    };
  }
}

const STATUS: Readonly<Record<RunOutcomeKind, RunStatus['outcome']>> = {
  completed: 'SUCCESS',
  'preflight-failed': 'FAILURE',
  failed: 'FAILURE',
  'cleanup-failed': 'FAILURE',
  interrupted: 'INTERRUPTED',
  terminated: 'INTERRUPTED',
};

/** A failure on one line: which agent, in which stage, what and why. */
function describeFailure({ agentId, error, stage }: RunFailure): string {
  const place = stage === undefined ? agentId : `${agentId} in stage ${stage}`;
  return `${place}: ${summarizeError(error)}`;
}
