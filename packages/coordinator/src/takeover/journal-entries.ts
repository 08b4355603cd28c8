import type { PlainPoolCondition } from '@sai3bench/barrier-protocol';
import type { HostProcess } from '@sai3bench/control-link';
import type { ErrorRecord } from '@sai3bench/errors';
import type { FileLengths } from '@sai3bench/results-dir';
import type { Workload } from '@sai3bench/workload-config';
import type { StagesOutcome } from '../phases/stages-outcome.ts';
import type { RosterEntry } from '../roster/roster.ts';
import type { InitialMetadata } from '../run/initial-metadata.ts';
import type { RunOutcomeKind } from '../run/run-outcome.ts';
import type { StopReason } from '../run/stop-signal.ts';
import type { RecordedStages } from '../stage/recorded-stage.ts';
import type { StageRowsState } from '../stage/stage-rows.ts';
import type { EndOrder } from '../team/agent-member.ts';
import type { FailureState, TeamState } from '../team/team-state.ts';

/** What does not change during a run, as a controller leaves it for another. */
export interface RunEntry {
  /** Of the controller's software: another version may write other entries. */
  readonly version: string;
  readonly runId: string;
  readonly controller: HostProcess;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly workload: Workload;
  readonly agents: readonly RosterEntry[];
  /** Whether the controller had started them for the run: they end with it. */
  readonly ownsAgents: boolean;
  /** The processes of those of which they are known, by agent id. */
  readonly processes: Readonly<Record<string, HostProcess>>;
  readonly startDelayMs: number;
  readonly startOver: boolean;
  readonly startedAtMs: number;
  readonly metadata: InitialMetadata;
}

/** A stage comes next, or the end of the run. */
export interface StageEntry {
  readonly type: 'stage';
  /** Position of the stage; behind the last when all are over. */
  readonly index: number;
  /** How the stages have ended, when all are over: then agents were told to end the run. */
  readonly outcome: StagesOutcome | null;
  /** Whether a prepare stage of the run has begun before. */
  readonly prepared: boolean;
  readonly recorded: RecordedStages;
  readonly team: TeamState;
  readonly lengths: FileLengths;
}

/** When a stage began, and on whom. */
export interface StartState {
  /** The planned start, ms since 1970. */
  readonly atMs: number;
  /** By agent id. */
  readonly clockErrorsMs: Readonly<Record<string, number>>;
  readonly participants: readonly string[];
}

/** Its agents were told when to begin it. */
export interface BegunEntry extends StartState {
  readonly type: 'begun';
  readonly conditions: readonly PlainPoolCondition[];
}

/** A stage before it that is over, but not yet for agents that were left behind. */
export interface LateEntry extends StartState {
  readonly type: 'late';
  readonly stage: number;
  /** Agents that are still at work on it; what is known of the others is written. */
  readonly working: readonly string[];
  /** Final reports, in base64. */
  readonly summaries: readonly { readonly agentId: string; readonly bytes: string }[];
  /** What agents had reported that did not get as far as that. */
  readonly unfinished: readonly {
    readonly agentId: string;
    readonly elapsedMs: number;
    /** Statistics, in base64. */
    readonly bytes: string;
  }[];
  readonly rows: StageRowsState;
}

/** An agent has ended it, or a stage before it. */
export interface SummaryEntry {
  readonly type: 'summary';
  readonly stage: number;
  readonly agentId: string;
  /** In base64. */
  readonly bytes: string;
}

/** An agent has failed in it. */
export interface FailureEntry extends FailureState {
  readonly type: 'failure';
}

/** The agents were told to stop. */
export interface AbortingEntry {
  readonly type: 'aborting';
  /** How that was asked for; null when it was because of a failure. */
  readonly request: { readonly reason: StopReason; readonly sentence: string } | null;
}

/** What has gone wrong with the controller itself, which has ended the run. */
export interface HereEntry {
  readonly stage: string | undefined;
  readonly error: ErrorRecord;
}

/** The run has ended, but not all agents have confirmed that. */
export interface EndedEntry {
  readonly type: 'ended';
  readonly kind: RunOutcomeKind;
  /** RFC 3339. */
  readonly at: string;
  /** What agents were told last, by id. */
  readonly orders: Readonly<Record<string, EndOrder>>;
  /** Ids of the agents that have not confirmed. */
  readonly unconfirmed: readonly string[];
  /** Of these, who has said since that it has stopped, and holds what it has done; none when absent. */
  readonly holding?: readonly string[];
}

export type JournalEntry =
  StageEntry | LateEntry | BegunEntry | SummaryEntry | FailureEntry | AbortingEntry | EndedEntry;

/** How far the reports of the agents are written. */
export interface ProgressEntry {
  /** Position of the stage that `rows` is about. */
  readonly stage: number;
  /** The last event of each agent that is dealt with, by id. */
  readonly sequences: Readonly<Record<string, number>>;
  readonly rows: StageRowsState | null;
  /** The same of stages before it that agents are still at work on, by position. */
  readonly lateRows: Readonly<Record<string, StageRowsState>>;
  readonly lengths: FileLengths;
}
