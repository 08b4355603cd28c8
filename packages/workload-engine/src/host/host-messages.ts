import type { ErrorRecord } from '@sai3bench/errors';
import type { KnownRange } from '@sai3bench/metadata-cache';
import type { EndpointTotals } from '@sai3bench/multi-endpoint';
import type { EndpointTraffic } from '@sai3bench/object-store';
import type { StatsDelta } from '@sai3bench/stats';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import type { Finding } from '../preflight/finding.ts';
import type { ProbeSight } from '../preflight/run-probe-step.ts';
import type { ErrorGroup } from '../stage/error-journal.ts';
import type { StageVerdict } from '../stage/stage-verdict.ts';
import type { ThreadLayout } from './thread-layout.ts';

/** What the agent tells the process that does its I/O. Stages are numbered by their position in the plan. */
export type HostCommand =
  /** Check whether the plan can be carried out here. */
  | {
      readonly type: 'check';
      readonly plan: AgentPlan;
      readonly layout: ThreadLayout;
      /** Part of the names of all that is written for it. */
      readonly probeId: string;
    }
  /** A step of the probe of shared storage, or remove everything that was written under the id. Answered like a check. */
  | {
      readonly type: 'probe';
      readonly step: 'place' | 'look' | 'remove';
      readonly plan: AgentPlan;
      readonly probeId: string;
      /** Agents whose probes to look for. */
      readonly owners: readonly string[];
    }
  /** Start the worker threads. */
  | {
      readonly type: 'open';
      readonly plan: AgentPlan;
      readonly layout: ThreadLayout;
      /** All agents of the run. */
      readonly agentIds: readonly string[];
      /** When the run began, in ms since 1970 on the controller's clock. */
      readonly startedAtMs: number;
    }
  /** Tell what is known of a range of objects. */
  | {
      readonly type: 'send-states';
      readonly request: number;
      readonly identity: string;
      readonly begin: number;
      readonly end: number;
    }
  /** Take over what another agent knows. */
  | {
      readonly type: 'take-states';
      readonly request: number;
      readonly identity: string;
      readonly range: KnownRange;
      readonly states: Uint8Array;
      /** Names of states that may not hold any more. */
      readonly doubtful: readonly string[];
      /** When the first run began that made objects of the dataset, ISO 8601; undefined where that is not known. */
      readonly madeSince: string | undefined;
    }
  /** Do what a stage needs before its clock starts. */
  | {
      readonly type: 'load-stage';
      readonly stage: number;
      /** Prepare: make every object anew, ... */
      readonly startOver: boolean;
      /** ... but of the pools of these identities, which a run was interrupted in making, only what is missing. */
      readonly goOnWith: readonly string[];
    }
  /** Carry out a stage from `startAtNs` on, an instant of `process.hrtime`. */
  | {
      readonly type: 'begin-stage';
      readonly stage: number;
      readonly startAtNs: number;
      /** The pools of all agents, as they are when the stage begins. */
      readonly pools: readonly PoolCondition[];
    }
  /** Stop what is under way; the stage ends with what it has done so far. */
  | { readonly type: 'stop'; readonly reason: string }
  /** The stage that runs is to end with what it has done; others may follow. */
  | { readonly type: 'stop-stage' }
  /** Kill this process group, too, when the agent dies; undefined for none. */
  | { readonly type: 'guard'; readonly group: number | undefined }
  /** Tidy up and exit. */
  | { readonly type: 'close' };

/** What the process reports to the agent. */
export type HostEvent =
  | { readonly type: 'checking'; readonly what: string }
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'sight'; readonly sight: ProbeSight }
  | { readonly type: 'checked' }
  | { readonly type: 'opened'; readonly pools: readonly PoolKnowledge[] }
  | {
      readonly type: 'states';
      readonly request: number;
      readonly states: Uint8Array;
      /** Names of states that may not hold any more. */
      readonly doubtful: readonly string[];
      /** When the first run began that made objects of the dataset, ISO 8601; undefined where that is not known. */
      readonly madeSince: string | undefined;
    }
  | { readonly type: 'states-taken'; readonly request: number }
  /** Getting ready for a stage takes its time, but goes on. */
  | {
      readonly type: 'stage-loading';
      readonly stage: number;
      readonly what: string;
      readonly done: number;
      readonly total: number;
    }
  /** What is left to do when all objects are deleted takes its time, but goes on. */
  | {
      readonly type: 'tidying-up';
      readonly what: string;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: 'stage-loaded';
      readonly stage: number;
      /** Prepare: own objects that are there, and that are to be made. */
      readonly existing: number;
      readonly missing: number;
      /** The agent's own parts of the pools. */
      readonly pools: readonly PoolCondition[];
    }
  /** Something that the user should know. */
  | { readonly type: 'notice'; readonly level: 'info' | 'warn'; readonly text: string }
  | { readonly type: 'progress'; readonly stage: number; readonly progress: IntervalProgress }
  | { readonly type: 'endpoint-changed'; readonly change: EndpointChange }
  | { readonly type: 'stage-ended'; readonly stage: number; readonly report: StageReport }
  /** Something failed outside a stage; the process goes on. */
  | { readonly type: 'failed'; readonly error: ErrorRecord }
  | { readonly type: 'closed' };

/** What is known of one dataset of the plan. */
export interface PoolKnowledge {
  /** Equal for pools that are the same objects. */
  readonly identity: string;
  readonly own: { readonly begin: number; readonly end: number };
  readonly known: readonly KnownRange[];
  /** Whether a prepare was begun and did not come to its end. */
  readonly unfinished: boolean;
}

/** What is known of a pool, or of an agent's part of it, when a stage begins. */
export interface PoolCondition {
  readonly identity: string;
  /** Whether all of its objects were made for it: of others nobody knows how long they must be, and what is in them. */
  readonly isOurs: boolean;
  /** Whether none of its objects is known not to be there. */
  readonly isWhole: boolean;
}

/** What happened since the previous such message of the stage. */
export interface IntervalProgress {
  /** Whole seconds of the stage that have passed: 1 for the first interval. The last one is cut short. */
  readonly interval: number;
  /** When the interval ended, from the start of the stage. */
  readonly elapsedMs: number;
  readonly stats: StatsDelta;
  /** Objects done and to do, of stages that end with their tasks; 0 and 0 for others. */
  readonly tasksDone: number;
  readonly tasksTotal: number;
  /** Directories of trees that a prepare stage has made, or failed to make, and is to make before the objects. */
  readonly directoriesDone: number;
  readonly directoriesTotal: number;
  /** Objects and directories that a prepare stage has failed at, and will try again. */
  readonly putOff: number;
  readonly inFlight: number;
  /** Of stores with several endpoints: those of which something is new. */
  readonly endpoints: readonly EndpointProgress[];
  readonly cpu: CpuShare;
}

/** What is new of one endpoint. */
export interface EndpointProgress extends EndpointTotals {
  /** Position among all endpoints of the plan, store by store. */
  readonly endpoint: number;
  readonly inFlight: number;
  readonly isOut: boolean;
  /** How long it has been out in this stage so far. */
  readonly outMs: number;
}

/** Use of all processors of the host during an interval, in percent. */
export interface CpuShare {
  readonly userPct: number;
  readonly systemPct: number;
  readonly iowaitPct: number;
}

/** Everything about a stage that has ended: its results are final. */
export interface StageReport extends StageVerdict {
  /** The whole stage; equal to the sum of its intervals. */
  readonly stats: StatsDelta;
  /** Start of the first and end of the last operation, from the planned start; 0 without operations. */
  readonly firstStartMs: number;
  readonly lastEndMs: number;
  readonly tasksDone: number;
  readonly tasksTotal: number;
  /** Objects that a prepare stage found and left as they were. */
  readonly tasksExisted: number;
  readonly errors: readonly ErrorGroup[];
  readonly endpoints: readonly EndpointReport[];
  /** Worker threads that a system call never came back to. */
  readonly stuckWorkers: number;
}

/** What went through one endpoint during a stage. */
export interface EndpointReport extends EndpointTotals {
  readonly address: string;
  /** How long the circuit breaker kept it out. */
  readonly outMs: number;
  /** Latencies of successful requests with two digits, as a sparse histogram. */
  readonly latency: Uint8Array;
  /** What went over the wire since the end of the stage before. */
  readonly traffic: TrafficReport;
}

/** What went over the wire to and from an endpoint, as plain data. */
export interface TrafficReport extends Omit<EndpointTraffic, 'connectTimes'> {
  /** How long it took to make each connection, with two digits, as a sparse histogram. */
  readonly connectTimes: Uint8Array;
}

/** An endpoint that failed, or that is back. */
export interface EndpointChange {
  readonly address: string;
  readonly change: 'taken-out' | 'brought-back';
  /** How long it has been out in this stage. */
  readonly outMs: number;
}
