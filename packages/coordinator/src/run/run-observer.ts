import type { PlainErrorGroup, PlainFinding, PlainLogRecord } from '@sai3bench/barrier-protocol';
import type { BenchError } from '@sai3bench/errors';
import type { StageResult } from '@sai3bench/results-dir';
import type { Operation, OperationStats } from '@sai3bench/stats';
import type { AgentPlan, Stage } from '@sai3bench/workload-config';
import type { RosterEntry } from '../roster/roster.ts';
import type { EndpointView } from '../stage/endpoint-tally.ts';
import type { WorkProgress } from '../stage/shared-work.ts';
import type { SilentAgent } from '../stage/silent-agents.ts';
import type { ObjectsFound } from '../stage/stage-loading.ts';

/** An agent that answered. */
export interface ConnectedAgent {
  readonly agent: RosterEntry;
  readonly version: string;
  readonly hostname: string;
}

/** How a stage is going. */
export interface StageView {
  /** Position among the stages, from 1, and their number. */
  readonly number: number;
  readonly stages: number;
  readonly stage: Stage;
  readonly elapsedMs: number;
  readonly tasksDone: number;
  readonly tasksTotal: number;
  /** Directories of trees that a prepare stage makes before the objects. */
  readonly directoriesDone: number;
  readonly directoriesTotal: number;
  /** Objects and directories that a prepare stage has failed at so far, and will try again. */
  readonly putOff: number;
  /** Failed operations since the start of the stage. */
  readonly errors: number;
  /** Operations of which any was successful. */
  readonly operations: ReadonlySet<Operation>;
  /** The latest second of which all agents have reported. */
  readonly latest: OperationStats;
  readonly latestMs: number;
  /** How the endpoints are doing, in the order of the plans; none where there is no choice between several. */
  readonly endpoints: readonly EndpointView[];
  readonly agents: number;
  readonly agentsDone: number;
  /** Agents whose reports, of which one is due each second, do not come: what they do is in none of the rates. */
  readonly silent: readonly SilentAgent[];
  /** Operations in flight that the agents were told to keep, together. */
  readonly threads: number;
}

/** What is waited for before a stage's clock can start. */
export interface StageWait {
  readonly stage: string;
  /** Agents that are ready, of all agents. */
  readonly loaded: number;
  readonly agents: number;
  /** How long the others still have if they do not get on. */
  readonly msLeft: number;
  readonly elapsedMs: number;
  /** What they are doing, if they have said so. */
  readonly progress: WorkProgress | undefined;
}

/** For whom agents wait at the barrier after a stage. */
export interface BarrierWait {
  readonly stage: string;
  /** Since the first of them arrived. */
  readonly waitedMs: number;
  readonly arrived: number;
  /** Those that are missing, each with what it is at. */
  readonly waitsFor: readonly string[];
}

/** A stage that has ended, as it is shown. */
export interface EndedStage {
  readonly stage: Stage;
  /** The last view of the stage. */
  readonly view: StageView;
  readonly result: StageResult;
  /** Ids of the agents that failed in it. */
  readonly failed: ReadonlySet<string>;
  /** Ids of those that have not told how they have ended it: what is known of them is a part. */
  readonly unreported: ReadonlySet<string>;
  /** Failed operations of all agents by kind, the most frequent first. */
  readonly errors: readonly PlainErrorGroup[];
}

/** Told what happens during a run, in order. Implementations print; they must not throw. */
export interface RunObserver {
  connecting(agents: readonly RosterEntry[]): void;
  connected(agents: readonly ConnectedAgent[]): void;
  preflightStarted(): void;
  preflightEnded(findings: ReadonlyMap<string, readonly PlainFinding[]>): void;
  concurrency(agents: readonly RosterEntry[], plans: readonly AgentPlan[]): void;
  waitingForReady(ready: number, agents: number, msLeft: number): void;
  allReady(agents: number): void;
  /** Agents take their time over what a stage needs before its clock starts. */
  waitingForStage(wait: StageWait): void;
  /** The agents know which objects of the dataset are there. */
  objectsFound(found: ObjectsFound): void;
  countdown(msLeft: number): void;
  started(): void;
  stageStarted(view: StageView): void;
  stageProgress(view: StageView): void;
  stageEnded(ended: EndedStage): void;
  /** Objects are deleted, and what they leave is removed: all agents together have come so far. */
  tidyingUp(progress: WorkProgress): void;
  /** Nothing is done for a while after prepare, because the file asks for it. */
  settling(durationMs: number): void;
  /** An agent, or the controller itself, cannot go on, or did not do all of its work. */
  failed(agentId: string, stage: string | undefined, error: BenchError): void;
  aborting(reason: string): void;
  /** An agent that was away is there again. */
  agentBack(agentId: string, awayMs: number): void;
  /** Some agents wait at a barrier for others. */
  waitingAtBarrier(wait: BarrierWait): void;
  agentLog(agentId: string, record: PlainLogRecord): void;
  /** A detail for who wants to follow closely. */
  detail(text: string): void;
  warning(text: string): void;
}
