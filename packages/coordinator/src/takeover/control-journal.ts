import type { PlainPoolCondition, PlainStageSummary } from '@sai3bench/barrier-protocol';
import { ownProcess } from '@sai3bench/control-link';
import { BenchError, toErrorRecord } from '@sai3bench/errors';
import { formatRfc3339, MANY_AGENTS } from '@sai3bench/results-dir';
import type { StagesOutcome } from '../phases/stages-outcome.ts';
import type { RunOptions } from '../run/run-options.ts';
import type { RunOutcome } from '../run/run-outcome.ts';
import type { RunFailure } from '../run/run-outcome.ts';
import type { RunRecord } from '../run/run-record.ts';
import { summaryToText } from '../stage/report-text.ts';
import type { StageSession } from '../stage/stage-session.ts';
import type { StageStart } from '../stage/stage-start.ts';
import type { AgentMember } from '../team/agent-member.ts';
import type { AgentTeam } from '../team/agent-team.ts';
import type {
  EndedEntry,
  HereEntry,
  JournalEntry,
  ProgressEntry,
  RunEntry,
  StageEntry,
} from './journal-entries.ts';
import { lateEntries } from './late-entries.ts';

/** How soon after something important agents are told that it is kept: what comes at the same time is kept together. */
const SOON_MS = 20;
/** The same with {@link MANY_AGENTS | many agents}, of all of which each time something is written. */
const SOON_OF_MANY_MS = 100;
const INTERVAL_MS = 1_000;

/** What the journal needs of a run. */
export interface JournaledRun {
  readonly options: RunOptions;
  readonly team: AgentTeam;
  readonly record: RunRecord;
  readonly session: StageSession | undefined;
  /** Stages before that one that agents are still at work on, by position. */
  readonly lateSessions: ReadonlyMap<number, StageSession>;
  readonly stageIndex: number;
  /** How its stages have ended; undefined before. */
  readonly outcome: StagesOutcome | undefined;
  readonly prepared: boolean;
}

/**
 * Keeps what another controller needs to take the run over, and tells agents what they need not keep any more: only what
 * this has written. A failure to write is a failure of the run, like that of any other result.
 */
export class ControlJournal {
  readonly #run: JournaledRun;
  /** The last event of each agent that was dealt with, and the last of which it was told so. */
  readonly #taken = new Map<AgentMember, number>();
  readonly #acknowledged = new Map<AgentMember, number>();
  /** Agents that keep something that could not be kept here. */
  readonly #held = new Set<AgentMember>();
  #isAborting = false;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(run: JournaledRun) {
    this.#run = run;
  }

  /** Begins to write what changes all the time, until {@link stop}. */
  start(): void {
    this.#timer = setInterval(() => {
      this.#writeProgress();
    }, INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#soon = undefined;
  }

  /** Notes what does not change. */
  writeRun(startedAt: Date): void {
    const {
      agents,
      metadata,
      ownsAgents = false,
      results,
      runId,
      startDelayMs,
      startedAtMs,
      startOver,
      version,
      workload,
    } = this.#run.options;
    const processes = this.#run.team.members.flatMap(({ id, process: theirs }) =>
      theirs === undefined ? [] : [[id, theirs] as const],
    );
    const entry: RunEntry = {
      ...{ version, runId, workload, agents, startDelayMs, startOver, startedAtMs, metadata },
      ...{ ownsAgents, processes: Object.fromEntries(processes) },
      controller: ownProcess(),
      startedAt: formatRfc3339(startedAt),
    };
    results.journal.writeRun(entry);
  }

  /** Notes which stage comes next, or that the end does. */
  stageComes(): void {
    const { lateSessions, options } = this.#run;
    const { journal } = options.results;
    journal.beginStage(this.#stageEntry(), ...lateEntries(lateSessions, journal.withoutSecrets));
    this.soon();
  }

  /** Notes that agents are about to be told to begin the stage. */
  stageBegins(
    { atMs, clockErrorsMs }: StageStart,
    members: readonly AgentMember[],
    conditions: readonly PlainPoolCondition[],
  ): void {
    this.#add({
      ...{ type: 'begun', atMs, clockErrorsMs: Object.fromEntries(clockErrorsMs), conditions },
      participants: members.map(({ id }) => id),
    });
  }

  /** Notes what an agent has done in a stage; it is told so soon. */
  summary(stage: number, { id }: AgentMember, summary: PlainStageSummary): void {
    const { withoutSecrets } = this.#run.options.results.journal;
    const bytes = summaryToText(stage, summary, withoutSecrets);
    this.#add({ type: 'summary', stage, agentId: id, bytes });
    this.soon();
  }

  failure({ agentId, error, stage }: RunFailure, isLost: boolean): void {
    const record = toErrorRecord(error);
    this.#add({ type: 'failure', agentId, stage, error: record, isLost, isForgiven: false });
  }

  /** Notes why the controller itself ends the run, if that can be written; agents keep what they are told of it. */
  failureHere({ error, stage }: RunFailure): void {
    try {
      const entry = { stage, error: toErrorRecord(error) } satisfies HereEntry;
      this.#run.options.results.journal.writeEnd(entry);
    } catch {
      // That the results cannot be written may be the very failure.
    }
  }

  /** Notes that agents are about to be told to stop, and whether somebody has asked for that. */
  aborting(): void {
    const { reason, sentence = '' } = this.#run.options.stop;
    const request = reason === undefined ? null : { reason, sentence };
    this.#add({ type: 'aborting', request });
    this.#isAborting = true;
  }

  /** Writes how far everything is: agents have stopped, and what they have done is about to be written as a whole. */
  settle(): void {
    this.#writeProgress();
  }

  /** Notes that the run has ended. Nothing is kept of it then, unless agents have not confirmed that. */
  ended({ kind, unconfirmed }: Pick<RunOutcome, 'kind' | 'unconfirmed'>): void {
    const { options, team } = this.#run;
    const { journal } = options.results;
    if (unconfirmed.length === 0) {
      journal.remove();
      return;
    }
    // Not all may be written that there is: whoever takes the run over asks all agents.
    if (team.failedHere) return;
    const entry: EndedEntry = {
      ...{ type: 'ended', kind, unconfirmed, at: formatRfc3339(options.now()) },
      orders: Object.fromEntries(team.members.map(({ id, order }) => [id, order])),
    };
    // Of a run that was stopped, the stage can be written again with what those agents have done.
    if (this.#isAborting) journal.add(entry);
    else journal.beginStage(this.#stageEntry(), entry);
    journal.flush();
  }

  /** Notes that an event of an agent was dealt with, so that it need not be kept once that is written. */
  took(member: AgentMember, sequence: number): void {
    if (sequence > 0 && !this.#held.has(member)) this.#taken.set(member, sequence);
  }

  /** What an agent was told may have been lost with its stream. */
  acknowledgeAgain(member: AgentMember): void {
    this.#acknowledged.delete(member);
    this.soon();
  }

  /** Notes that an event of an agent could not be kept: the agent keeps it, and all that follow. */
  hold(member: AgentMember): void {
    this.#held.add(member);
  }

  /** Writes soon how far everything is. */
  soon(): void {
    const isOfMany = this.#run.team.members.length > MANY_AGENTS;
    this.#soon ??= setTimeout(
      () => {
        this.#soon = undefined;
        this.#writeProgress();
      },
      isOfMany ? SOON_OF_MANY_MS : SOON_MS,
    );
  }

  /** Of the stage that runs or comes next; behind the last when all are over. */
  get #position(): number {
    const { options, outcome, stageIndex } = this.#run;
    return outcome === undefined ? stageIndex : options.workload.stages.length;
  }

  #stageEntry(): StageEntry {
    const { options, outcome = null, prepared, record, team } = this.#run;
    return {
      ...{ type: 'stage', index: this.#position, outcome, prepared, recorded: record.state() },
      ...{ team: team.state(), lengths: options.results.lengths },
    };
  }

  #add(entry: JournalEntry): void {
    this.#run.options.results.journal.add(entry);
  }

  #writeProgress(): void {
    const { lateSessions, options, session, team } = this.#run;
    const news = [...this.#taken].filter(
      ([member, sequence]) => sequence > (this.#acknowledged.get(member) ?? 0),
    );
    if (news.length === 0 || team.failedHere || team.isLedByOther) return;
    try {
      options.results.journal.flush();
      options.results.journal.writeProgress({
        stage: this.#position,
        sequences: Object.fromEntries([...this.#taken].map(([{ id }, last]) => [id, last])),
        rows: session?.rows.state() ?? null,
        lateRows: Object.fromEntries(
          [...lateSessions].map(([stage, late]) => [stage, late.rows.state()]),
        ),
        lengths: options.results.lengths,
      } satisfies ProgressEntry);
    } catch (error) {
      team.failHere(BenchError.from(error));
      return;
    }
    for (const [member, last] of news) {
      this.#acknowledged.set(member, last);
      const value = {
        $typeName: 'sai3bench.agent.v1.Acknowledge',
        sequence: BigInt(last),
      } as const;
      member.link.mention({ case: 'acknowledge', value });
    }
  }
}
