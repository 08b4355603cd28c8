import type { ResultsDirectory } from '@sai3bench/results-dir';
import type { AgentPlan, Workload } from '@sai3bench/workload-config';
import type { AgentConnection } from '../link/agent-connection.ts';
import type { ForwardedCredentials } from '../link/forwarded-credentials.ts';
import type { RosterEntry } from '../roster/roster.ts';
import type { LeftRun } from '../takeover/left-run.ts';
import type { BegunStage } from './begun-stage.ts';
import type { InitialMetadata } from './initial-metadata.ts';
import type { RunObserver } from './run-observer.ts';
import type { StopSignal } from './stop-signal.ts';

/** What a run needs. */
export interface RunOptions {
  readonly workload: Workload;
  readonly agents: readonly RosterEntry[];
  /** What each agent is to do, in the order of `agents`. */
  readonly plans: readonly AgentPlan[];
  readonly connect: (address: string) => AgentConnection;
  readonly results: ResultsDirectory;
  readonly observer: RunObserver;
  readonly stop: StopSignal;
  readonly runId: string;
  readonly version: string;
  /** Whether the agents were started for this run, and end with the process that did so; they were not when absent. */
  readonly ownsAgents?: boolean;
  /** What agents get for their I/O in this run; none when absent. */
  readonly credentials?: ForwardedCredentials;
  /** From the countdown to the first stage. */
  readonly startDelayMs: number;
  /** Whether prepare makes every object anew, also those of a run that was interrupted. */
  readonly startOver: boolean;
  /** When the run began, in ms since 1970: tells newer knowledge of objects from older. */
  readonly startedAtMs: number;
  readonly metadata: InitialMetadata;
  /** What to do about what the run leaves on the storage where it ends before its time; nothing when absent. */
  readonly leftHints?: (begun: readonly BegunStage[]) => readonly string[];
  /** What another controller has left of the run: this one goes on with it. */
  readonly left?: LeftRun;
  /** A monotonic clock in ns. */
  readonly nowNs: () => number;
  /** The time of day. */
  readonly now: () => Date;
}
