import type { BreakerSettings, SelectionStrategy } from '@sai3bench/multi-endpoint';
import type { PathSelection, WorkloadOperation } from './operation.ts';
import type { EnsureObjects, PrepareSettings } from './prepare.ts';
import type { S3Access } from './s3.ts';
import type { Stage } from './stage.ts';

/** A validated workload file: defaults filled in, units resolved, stages in order. */
export interface Workload {
  /** Base of relative paths; absolute, ending with `/`. */
  readonly target: string | undefined;
  /** Operations in flight per agent. */
  readonly concurrency: number;
  /** How long operations in flight may take to finish when a timed stage ends. */
  readonly drainTimeoutMs: number;
  /** Whether a PUT on files flushes its file to the device before it ends. */
  readonly fsync: boolean;
  readonly operations: readonly WorkloadOperation[];
  /** Which objects of a shared dataset an agent reads. */
  readonly pathSelection: PathSelection;
  /** Whether reads take objects that the workload itself has put. */
  readonly dynamicPutPool: boolean;
  readonly ensureObjects: readonly EnsureObjects[];
  readonly prepare: PrepareSettings;
  readonly cleanup: CleanupSettings;
  /** What of a GET is compared with what must be there. */
  readonly verify: VerifyLevel;
  readonly metadataCache: MetadataCacheSettings;
  /** Undefined when the file does not say. */
  readonly errorHandling: ErrorHandling | undefined;
  readonly multiEndpoint: MultiEndpoint | undefined;
  /** How S3 is talked to; undefined when the file does not say. */
  readonly s3: S3Access | undefined;
  readonly agents: readonly AgentEntry[];
  /** Whether all agents see one namespace; undefined when the file does not say. */
  readonly sharedStorage: boolean | undefined;
  /** From the countdown to the first stage, when the command line does not say. */
  readonly startDelayMs: number | undefined;
  /** How long agents may take to become ready. */
  readonly agentReadyTimeoutMs: number;
  /** How long an agent whose link is lost is waited for; 0 not at all. */
  readonly reconnectGraceMs: number;
  readonly keepAlive: KeepAlive;
  readonly stages: readonly Stage[];
  /** Whether the stages were derived because the file has none. */
  readonly stagesDerived: boolean;
  /** What a reader of the file should know though nothing is wrong: keys without effect, likely misreadings. */
  readonly notes: readonly string[];
}

/** Pings on the link between controller and agent. */
export interface KeepAlive {
  /** Between two pings. */
  readonly intervalMs: number;
  /** How long the answer to one may take. */
  readonly timeoutMs: number;
}

export const DEFAULT_KEEP_ALIVE: KeepAlive = { intervalMs: 30_000, timeoutMs: 10_000 };

export const DEFAULT_RECONNECT_GRACE_MS = 300_000;

/** Which failures of a cleanup stage count. */
export interface CleanupSettings {
  /** All of them; those of objects that are there; none. */
  readonly mode: 'strict' | 'tolerant' | 'besteffort';
  /** Nothing else is to be done: the objects are those of an earlier run. */
  readonly only: boolean;
}

export const VERIFY_LEVELS = ['length', 'sample', 'full'] as const;

export type VerifyLevel = (typeof VERIFY_LEVELS)[number];

/** Where agents keep what they know of the objects that exist. */
export interface MetadataCacheSettings {
  readonly enabled: boolean;
  /** A directory on the agent's host; undefined for the agent's own choice. */
  readonly directory: string | undefined;
  /** Time between copies to the storage under test; 0 for one at the end only. */
  readonly checkpointIntervalMs: number;
}

/** When errors slow a run down or end it, and how failed operations of the workload are tried again. */
export interface ErrorHandling {
  readonly maxTotalErrors: number;
  /** undefined: any number. */
  readonly maxConsecutiveErrors: number | undefined;
  /** Errors per second, over a window, above which an operation that fails is followed by a pause. */
  readonly maxErrorsPerSecond: number;
  readonly errorRateWindowMs: number;
  readonly pauseMs: number;
  /** undefined: not tried again. */
  readonly retry: RetrySettings | undefined;
}

export interface RetrySettings {
  readonly maxRetries: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  /** Each delay is this many times the one before. */
  readonly multiplier: number;
  /** Share by which a delay is longer or shorter at random, 0 to 1. */
  readonly jitter: number;
}

export const NAMESPACES = ['shared', 'separate'] as const;

/** Whether all endpoints show the same objects, or each object is at one of them. */
export type Namespace = (typeof NAMESPACES)[number];

/** The endpoints of a store; each is an absolute address ending with `/`. */
export interface MultiEndpoint {
  readonly namespace: Namespace;
  readonly strategy: SelectionStrategy;
  readonly endpoints: readonly string[];
  /** By endpoint; undefined when all are alike. */
  readonly weights: readonly number[] | undefined;
  readonly breaker: BreakerSettings;
}

/** An agent as the workload file describes it. */
export interface AgentEntry {
  readonly address: string;
  readonly id: string | undefined;
  readonly targetOverride: string | undefined;
  readonly concurrencyOverride: number | undefined;
  readonly multiEndpoint: MultiEndpoint | undefined;
  /** Directory of its metadata cache. */
  readonly cacheDirectory: string | undefined;
}
