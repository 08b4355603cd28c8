import type { ObjectNaming, SizeDistribution } from '@sai3bench/datagen';
import type { BreakerSettings, SelectionStrategy } from '@sai3bench/multi-endpoint';

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

/** How a prepare stage goes about its objects. */
export interface PrepareSettings {
  /** One pool after the other, or all at once. */
  readonly strategy: 'sequential' | 'parallel';
  /** Write every object, whether it is there or not. */
  readonly forceOverwrite: boolean;
  /** Take every object to be there. */
  readonly skipVerification: boolean;
  /** How long to wait after a prepare stage that has created something. */
  readonly postDelayMs: number;
}

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

/** How S3 is talked to. */
export interface S3Access {
  readonly transport: 'fast' | 'sdk';
  readonly addressing?: 'path' | 'virtual-host' | undefined;
  /** What of a body is protected: nothing, by its hash in the signature, or by a checksum behind it. */
  readonly payload: 'unsigned' | 'signed' | 'crc32c' | 'crc64nvme' | 'sha256';
  readonly region?: string | undefined;
  readonly keepAlive: boolean;
  readonly localAddress?: string | undefined;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly multipart?: S3Multipart | undefined;
  readonly tls?: S3Tls | undefined;
}

/** Which objects are written in parts, and how. */
export interface S3Multipart {
  /** Objects of more than this many bytes. */
  readonly thresholdBytes: number;
  readonly partBytes: number;
  /** Parts of an object that are under way at once. */
  readonly parallel: number;
}

/** How an S3 server's identity is checked, and how the agent shows its own. Paths of files on the agent's host. */
export interface S3Tls {
  readonly caPath?: string | undefined;
  readonly certPath?: string | undefined;
  readonly keyPath?: string | undefined;
  readonly servername?: string | undefined;
  readonly insecure: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
}

/** One entry of the operation mix; entries of weight 0 are left out. */
export type WorkloadOperation = {
  readonly weight: number;
  /** Operations of this entry in flight at most, of each agent; undefined for no limit of its own. */
  readonly concurrency: number | undefined;
  /** Absolute address, or path relative to the target. */
  readonly path: string;
  /** Where it stands in the file, for messages. */
  readonly entry: number;
} & (
  | {
      readonly op: 'get';
      readonly access: AccessPattern;
      /** undefined: whole objects. */
      readonly range: ReadRange | undefined;
    }
  | { readonly op: 'stat' | 'delete'; readonly access: AccessPattern }
  | { readonly op: 'list' }
  | { readonly op: 'mkdir' }
  /** Recursive: removes directories of prepared files, with the files in them. */
  | { readonly op: 'rmdir'; readonly recursive: boolean }
  | {
      readonly op: 'put';
      /** Over how many prefixes names are spread; 0 for none. */
      readonly shards: number;
      readonly sizes: SizeDistribution;
      readonly dedupFactor: number;
      readonly compressFactor: number;
    }
);

export const RANGE_OFFSETS = ['random', 'start'] as const;

/** The part of an object that a GET reads. */
export interface ReadRange {
  /** Less where the object is not that long. */
  readonly sizeBytes: number;
  /** Where it begins: anywhere in the object, or at its first byte. */
  readonly offset: (typeof RANGE_OFFSETS)[number];
}

export const ACCESS_TYPES = [
  'uniform',
  'sequential',
  'shuffled',
  'zipf',
  'pareto',
  'hotspot',
] as const;

/** Which of its objects an operation takes next. */
export type AccessPattern =
  /** Any; in order; each once in an order that looks random. */
  | { readonly type: 'uniform' | 'sequential' | 'shuffled' }
  /** The r-th most popular in proportion to 1 / r^theta. */
  | { readonly type: 'zipf'; readonly theta: number }
  /** A part h of the objects gets a part 1 - h of the operations, and so on within that part. */
  | { readonly type: 'pareto'; readonly h: number }
  /** A part of the objects gets a share of the operations; both 0 to 1. */
  | { readonly type: 'hotspot'; readonly objects: number; readonly share: number };

export const PATH_SELECTIONS = ['random', 'partitioned', 'exclusive', 'weighted'] as const;

/** Which objects of a dataset that agents share an agent reads. */
export interface PathSelection {
  readonly strategy: (typeof PATH_SELECTIONS)[number];
  /** Share of the reads that is not of the agent's own part: of any (`partitioned`), of others' (`weighted`). */
  readonly overlap: number;
}

export const DEFAULT_PATH_SELECTION: PathSelection = { strategy: 'random', overlap: 0.3 };

/** A set of objects that prepare creates. */
export interface EnsureObjects {
  /** Absolute address, path relative to the target, or undefined for the target itself. */
  readonly baseUri: string | undefined;
  readonly naming: ObjectNaming;
  readonly count: number;
  readonly sizes: SizeDistribution;
  readonly fill: 'random' | 'zero';
  readonly dedupFactor: number;
  readonly compressFactor: number;
}

/** Which directories of a tree have files. */
export const TREE_DISTRIBUTIONS = ['bottom', 'all'] as const;

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

/** `verify` is not for files: it is what a run consists of that only compares. */
export const STAGE_KINDS = [
  'validation',
  'prepare',
  'execute',
  'hybrid',
  'custom',
  'verify',
  'cleanup',
] as const;

export type StageKind = (typeof STAGE_KINDS)[number];

/** Whether a stage of a kind carries out the mix of operations. */
export function runsMix(kind: StageKind): boolean {
  return kind === 'execute' || kind === 'hybrid';
}

export const COMPLETIONS = [
  'duration',
  'tasks_done',
  'script_exit',
  'validation_passed',
  'duration_or_tasks',
] as const;

/** What ends a stage. */
export type Completion = (typeof COMPLETIONS)[number];

/** What may end the stages of a kind; first what does where nothing is said. */
export const COMPLETIONS_OF = {
  validation: ['validation_passed'],
  prepare: ['tasks_done', 'duration_or_tasks'],
  execute: ['duration', 'duration_or_tasks'],
  hybrid: ['duration_or_tasks'],
  custom: ['script_exit', 'duration_or_tasks'],
  verify: ['tasks_done'],
  cleanup: ['tasks_done', 'duration_or_tasks'],
} as const satisfies Readonly<Record<StageKind, readonly [Completion, ...Completion[]]>>;

/** What a custom stage runs on every agent; no shell reads it. */
export interface StageCommand {
  /** An absolute path, or a name that is looked for in `PATH`. */
  readonly program: string;
  readonly args: readonly string[];
}

/** One stage of a run. */
export interface Stage {
  readonly name: string;
  readonly kind: StageKind;
  readonly completion: Completion;
  /** How long an execute or hybrid stage lasts at most; undefined for stages that something else ends. */
  readonly durationMs: number | undefined;
  /**
   * How much all agents together are expected to do: objects of a prepare or cleanup stage, operations of a hybrid one,
   * which ends after as many. Undefined where the file does not say.
   */
  readonly expectedTasks: number | undefined;
  /** Of a custom stage. */
  readonly command: StageCommand | undefined;
  /** How long agents may take from its start to its end; undefined: any time. */
  readonly timeoutMs: number | undefined;
  /** Whether the run goes on when it fails. */
  readonly optional: boolean;
  readonly barrier: Barrier;
}

/** When a barrier opens: for all agents, for more than half of them, or for those that are still alive. */
export const BARRIER_TYPES = ['all_or_nothing', 'majority', 'best_effort'] as const;

export type BarrierType = (typeof BARRIER_TYPES)[number];

/** The barrier after a stage, and how the controller tells that agents are alive. */
export interface Barrier {
  readonly type: BarrierType;
  /** How often an agent reports at least. */
  readonly heartbeatIntervalMs: number;
  /** Reports that may be missing in a row before the controller asks. */
  readonly missedThreshold: number;
  /** How long it waits for the answer, and how often it asks again. */
  readonly queryTimeoutMs: number;
  readonly queryRetries: number;
  /** How long an agent waits at the barrier without any sign of the controller. */
  readonly agentBarrierTimeoutMs: number;
}
