import { BenchError, summarizeError } from '@sai3bench/errors';
import { formatRfc3339, type RunStatus, type StageResult } from '@sai3bench/results-dir';
import type { RecordedStage, RecordedStages } from '../stage/recorded-stage.ts';
import type { StageSession } from '../stage/stage-session.ts';
import type { AgentMember } from '../team/agent-member.ts';
import type { AgentTeam } from '../team/agent-team.ts';
import { type BegunStage, hasTriedOperations } from './begun-stage.ts';
import type { RunOptions } from './run-options.ts';
import type { RunFailure, RunOutcome, RunOutcomeKind } from './run-outcome.ts';
import { hintsOfUnconfirmed, NOT_CONFIRMED } from './unconfirmed-ends.ts';

/** Keeps `metadata.json` up to date while a run goes on, and closes the books at its end. */
export class RunRecord {
  readonly #options: RunOptions;
  readonly #members: readonly AgentMember[];
  #startedAt: Date;
  /** By number. */
  readonly #stages = new Map<number, RecordedStage>();

  constructor(options: RunOptions, members: readonly AgentMember[]) {
    this.#options = options;
    this.#members = members;
    this.#startedAt = options.now();
  }

  get startedAt(): Date {
    return this.#startedAt;
  }

  begin(): void {
    this.#writeMetadata(null);
  }

  /** What is needed to go on from here. */
  state(): RecordedStages {
    return [...this.#stages].map(([number, stage]) => ({
      ...stage,
      ...{ number, agentMs: Object.fromEntries(stage.agentMs) },
    }));
  }

  /** Goes on from where another controller has ended. */
  restore(stages: RecordedStages): void {
    for (const { agentMs, errors, number, operations, written } of stages) {
      const times = new Map(Object.entries(agentMs));
      this.#stages.set(number, { operations, errors, agentMs: times, written });
    }
  }

  /** Notes when the run began, which another controller did. */
  beganAt(time: Date): void {
    this.#startedAt = time;
  }

  /** Counts what a stage has done, whether or not its results can be written. */
  count({ number, tally }: StageSession): void {
    const { classes, errors } = tally.counts();
    this.#stages.set(number, {
      operations: classes.GET.operations + classes.PUT.operations + classes.META.operations,
      errors,
      agentMs: new Map([...tally.agents].map(([id, { wallMs }]) => [id, wallMs])),
      written: this.#stages.get(number)?.written,
    });
  }

  /** Notes a stage that has ended, or of which more has become known; its table is on disk already. */
  addStage(result: StageResult, session: StageSession): void {
    this.count(session);
    const counted = this.#stages.get(session.number);
    if (counted === undefined) return;
    const errors = { stage: result.name, groups: session.errorGroups() };
    const written = { record: session.record(result), errors };
    this.#stages.set(session.number, { ...counted, written });
    this.#writeMetadata(null);
  }

  get #written(): NonNullable<RecordedStage['written']>[] {
    return [...this.#stages]
      .toSorted(([a], [b]) => a - b)
      .flatMap(([, { written }]) => (written === undefined ? [] : [written]));
  }

  #begun(session: StageSession | undefined): BegunStage[] {
    const { stages } = this.#options.workload;
    const counted = [...this.#stages]
      .toSorted(([a], [b]) => a - b)
      .flatMap(([number, { errors, written }]) => {
        const kind = stages[number - 1]?.kind;
        const isWhole = errors === 0 && written?.record.partial === null;
        return kind === undefined ? [] : [{ kind, isWhole }];
      });
    const isOpen = session !== undefined && !this.#stages.has(session.number);
    return isOpen ? [...counted, { kind: session.stage.kind, isWhole: false }] : counted;
  }

  #sum(valueOf: (stage: RecordedStage) => number): number {
    return [...this.#stages.values()].reduce((sum, stage) => sum + valueOf(stage), 0);
  }

  /**
   * Writes how the run ended. Where even that cannot be written, or what was written is gone, the run has failed.
   *
   * @param session the stage in the middle of which it ended
   * @param written is called with what was written
   */
  end(
    kind: RunOutcomeKind,
    team: AgentTeam,
    session: StageSession | undefined,
    written: (outcome: RunOutcome) => void,
  ): RunOutcome {
    const at = this.#options.now();
    const outcome = (): RunOutcome => this.#outcome(kind, team, session);
    const { results } = this.#options;
    const attempt = (write: () => void): void => {
      try {
        write();
      } catch (error) {
        team.failHere(BenchError.from(error));
      }
    };
    attempt(() => {
      results.ensureThere();
    });
    attempt(() => {
      this.#writeMetadata(at);
      results.writeStatus(this.#status(outcome(), at));
      written(outcome());
    });
    return outcome();
  }

  /** Writes nothing of the end, which is another controller's to write. */
  leave(team: AgentTeam, session: StageSession | undefined): RunOutcome {
    return this.#outcome('led-by-other', team, session);
  }

  #outcome(kind: RunOutcomeKind, team: AgentTeam, session: StageSession | undefined): RunOutcome {
    return {
      begun: this.#begun(session),
      unconfirmed: this.#members.flatMap(({ id, isUnconfirmed }) => (isUnconfirmed ? [id] : [])),
      kind: team.failedHere ? 'failed' : kind,
      failures: team.unforgivenFailures,
      optionalFailures: team.forgivenFailures,
      operations: this.#sum(({ operations }) => operations),
      errors: this.#sum(({ errors }) => errors),
    };
  }

  #writeMetadata(end: Date | null): void {
    const { metadata, results } = this.#options;
    const longestMs = this.#members.reduce(
      (longest, { id }) =>
        Math.max(
          longest,
          this.#sum(({ agentMs }) => agentMs.get(id) ?? 0),
        ),
      0,
    );
    results.writeMetadata({
      ...metadata,
      start_time: formatRfc3339(this.#startedAt),
      end_time: end === null ? null : formatRfc3339(end),
      duration_secs: end === null ? null : longestMs / 1000,
      stages: this.#written.map(({ record }) => record),
    });
  }

  #status(
    { begun, errors, failures, kind, operations, optionalFailures, unconfirmed }: RunOutcome,
    at: Date,
  ): RunStatus {
    const { leftHints, results, stop, workload } = this.#options;
    const { reconnectGraceMs } = workload;
    return {
      outcome: STATUS[kind],
      at,
      agents: this.#members.map((member) => member.status()),
      reconnects: this.#members.reduce((sum, { reconnects }) => sum + reconnects, 0),
      hasTried: hasTriedOperations(begun),
      totalOperations: operations,
      totalErrors: errors,
      errors: this.#written.map((stage) => stage.errors),
      optionalFailures: optionalFailures.map((failure) => ({
        stage: failure.stage ?? '',
        reason: describeFailure(failure),
      })),
      failure: {
        reasons: [
          ...(stop.sentence === undefined ? [] : [`${stop.sentence}.`]),
          ...failures.map(describeFailure),
          ...unconfirmed.map((id) => `${id}: ${NOT_CONFIRMED}`),
        ],
        hints: [
          ...hintsOfUnconfirmed({ unconfirmed, reconnectGraceMs, path: results.path }),
          ...new Set([...failures, ...optionalFailures].flatMap(({ error }) => error.hint ?? [])),
          ...(operations === 0 || kind === 'completed' ? [] : (leftHints?.(begun) ?? [])),
          'agents/*/console.log and agents/*/errors.tsv tell what each agent saw',
        ],
      },
    };
  }
}

const STATUS: Readonly<Record<RunOutcomeKind, RunStatus['outcome']>> = {
  completed: 'SUCCESS',
  'preflight-failed': 'FAILURE',
  'led-by-other': 'FAILURE',
  failed: 'FAILURE',
  degraded: 'FAILURE',
  'cleanup-failed': 'FAILURE',
  interrupted: 'INTERRUPTED',
  terminated: 'INTERRUPTED',
};

/** A failure on one line: which agent, in which stage, what and why. */
function describeFailure({ agentId, error, stage }: RunFailure): string {
  const place = stage === undefined ? agentId : `${agentId} in stage ${stage}`;
  return `${place}: ${summarizeError(error)}`;
}
