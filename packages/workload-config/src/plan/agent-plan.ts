import { SELECTION_STRATEGIES } from '@sai3bench/multi-endpoint';
import { z } from 'zod';
import { PATH_SELECTIONS, RANGE_OFFSETS } from '../workload/operation.ts';
import { TREE_DISTRIBUTIONS } from '../workload/prepare.ts';
import { BARRIER_TYPES, COMPLETIONS, STAGE_KINDS } from '../workload/stage.ts';
import { NAMESPACES, VERIFY_LEVELS } from '../workload/workload.ts';

/**
 * What one agent is to do, complete and resolved: no file, no default and no other agent's share is needed
 * to carry it out. It travels as JSON; the schema is the contract between controller and agent.
 */
const whole = z.number().int().nonnegative();
const milliseconds = z.number().nonnegative();
const part = z.number().min(0).max(1);

const sizes = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('fixed'), sizeBytes: whole }),
  z.strictObject({ type: z.literal('uniform'), minBytes: whole, maxBytes: whole }),
  z.strictObject({
    type: z.literal('lognormal'),
    meanBytes: z.number().positive(),
    stdDevBytes: z.number().positive(),
    minBytes: whole,
    maxBytes: whole,
  }),
  z.strictObject({
    type: z.literal('weighted'),
    buckets: z
      .array(z.strictObject({ minBytes: whole, maxBytes: whole, upTo: z.number().min(0).max(1) }))
      .min(1)
      .readonly(),
  }),
]);

/** How the objects of a pool are called; see datagen. */
const naming = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('flat'), shards: whole }),
  z.strictObject({
    type: z.literal('tree'),
    width: whole.min(1),
    depth: whole.min(1),
    filesPerDirectory: whole,
    distribution: z.enum(TREE_DISTRIBUTIONS),
    mask: z.string(),
  }),
]);

const contentKeys = {
  sizes,
  fill: z.enum(['random', 'zero']),
  dedupFactor: whole.min(1),
  compressFactor: whole.min(1),
};

/** One or several endpoints. Keys are relative to the endpoints' addresses. */
const store = z.strictObject({
  /** Where each object is at one endpoint, its key says at which; then there is no choice. */
  namespace: z.enum(NAMESPACES),
  strategy: z.enum(SELECTION_STRATEGIES),
  endpoints: z.array(z.string().min(1)).min(1),
  /** By endpoint; all alike when absent. */
  weights: z.array(whole.min(1)).optional(),
  breaker: z.strictObject({
    failures: whole,
    pauseMs: milliseconds,
    longestPauseMs: milliseconds,
  }),
});

/** How S3 is talked to; what is missing is left to the driver. */
const s3 = z.strictObject({
  transport: z.enum(['fast', 'sdk']),
  addressing: z.enum(['path', 'virtual-host']).optional(),
  payload: z.enum(['unsigned', 'signed', 'crc32c', 'crc64nvme', 'sha256']),
  region: z.string().optional(),
  keepAlive: z.boolean(),
  localAddress: z.string().optional(),
  connectTimeoutMs: milliseconds,
  idleTimeoutMs: milliseconds,
  totalTimeoutMs: milliseconds,
  multipart: z
    .strictObject({
      thresholdBytes: whole.min(1),
      partBytes: whole.min(1),
      parallel: whole.min(1),
    })
    .optional(),
  tls: z
    .strictObject({
      caPath: z.string().optional(),
      certPath: z.string().optional(),
      keyPath: z.string().optional(),
      servername: z.string().optional(),
      insecure: z.boolean(),
      minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).optional(),
    })
    .optional(),
});

/** A set of objects with computable names, and the agent's own part of it. */
const pool = z.strictObject({
  store: whole,
  name: z.enum(['prepared', 'deletable']),
  prefix: z.string(),
  /** Where its objects are, the same for all agents that share it, whichever endpoints they have. */
  location: z.array(z.string()).min(1),
  /** From which sizes and contents follow, a 64-bit number in decimal. */
  seed: z.string().regex(/^\d+$/),
  naming,
  /** Objects in the whole set, over all agents that share it. */
  count: whole,
  /** The part that this agent creates and deletes: from `begin` up to but not including `end`. */
  own: z.strictObject({ begin: whole, end: whole }),
  ...contentKeys,
});

/** Where an operation takes its keys from. */
const keySource = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pools'), pools: z.array(whole).min(1) }),
  /** Whatever the store lists below `prefix` and `pattern` (with `*`) matches. */
  z.strictObject({
    type: z.literal('listing'),
    store: whole,
    prefix: z.string(),
    pattern: z.string(),
  }),
  z.strictObject({ type: z.literal('key'), store: whole, key: z.string().min(1) }),
]);

/** Which of its objects an operation takes next. */
const access = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['uniform', 'sequential', 'shuffled']) }),
  z.strictObject({ type: z.literal('zipf'), theta: z.number().positive() }),
  z.strictObject({ type: z.literal('pareto'), h: z.number().positive().lt(1) }),
  z.strictObject({ type: z.literal('hotspot'), objects: part, share: part }),
]);

/** The part of an object that an operation reads. */
const readRange = z.strictObject({ sizeBytes: whole.min(1), offset: z.enum(RANGE_OFFSETS) });

const operationKeys = {
  weight: whole.min(1),
  /** Operations of this entry in flight at most; as many as the agent may have when absent. */
  concurrency: whole.min(1).optional(),
};

const operation = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.enum(['get', 'stat', 'delete']),
    ...operationKeys,
    source: keySource,
    access,
    /** Entries of the mix whose PUTs it takes too, once they are acknowledged. */
    puts: z.array(whole),
    /** The part that a get reads of each object; all of it when absent. */
    range: readRange.optional(),
  }),
  z.strictObject({
    op: z.literal('list'),
    ...operationKeys,
    store: whole,
    prefix: z.string(),
  }),
  z.strictObject({
    op: z.literal('put'),
    ...operationKeys,
    store: whole,
    prefix: z.string(),
    /** Over how many prefixes below `prefix` names are spread; 0 for none. */
    shards: whole,
    ...contentKeys,
  }),
  z.strictObject({
    op: z.literal('mkdir'),
    ...operationKeys,
    store: whole,
    /** Pools whose trees say which directories there are. */
    trees: z.array(whole).min(1),
  }),
  z.strictObject({
    op: z.literal('rmdir'),
    ...operationKeys,
    store: whole,
    /** As for mkdir: of these, what the mix has made is removed. */
    trees: z.array(whole).min(1),
    /** Pools of which directories are removed with the files in them. */
    files: z.array(whole),
  }),
]);

const barrier = z.strictObject({
  type: z.enum(BARRIER_TYPES),
  heartbeatIntervalMs: milliseconds,
  missedThreshold: whole.min(1),
  queryTimeoutMs: milliseconds,
  queryRetries: whole,
  agentBarrierTimeoutMs: milliseconds,
});

const stage = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(STAGE_KINDS),
  completion: z.enum(COMPLETIONS),
  durationMs: milliseconds.optional(),
  /** The agent's own share of the operations after which a hybrid stage ends; only its time ends it when absent. */
  operations: whole.optional(),
  /** Of a custom stage. */
  command: z
    .strictObject({ program: z.string().min(1), args: z.array(z.string()).readonly() })
    .optional(),
  /** Whether the run goes on when it fails. */
  optional: z.boolean(),
  barrier,
});

const prepare = z.strictObject({
  strategy: z.enum(['sequential', 'parallel']),
  forceOverwrite: z.boolean(),
  skipVerification: z.boolean(),
  postDelayMs: milliseconds,
});

const cleanup = z.strictObject({
  mode: z.enum(['strict', 'tolerant', 'besteffort']),
  /** Whether the objects are those of an earlier run. */
  only: z.boolean(),
});

/** What an agent keeps of its knowledge of the objects that exist. */
const metadataCache = z.strictObject({
  enabled: z.boolean(),
  /** On the agent's host; without it the agent chooses. */
  directory: z.string().min(1).optional(),
  /** Between copies to the storage under test; 0 for one at the end only. */
  checkpointIntervalMs: milliseconds,
});

/** When errors slow a run down or end it. */
const errorHandling = z.strictObject({
  maxTotalErrors: whole,
  /** Without it, any number may fail in a row. */
  maxConsecutiveErrors: whole.min(1).optional(),
  maxErrorsPerSecond: z.number().nonnegative(),
  errorRateWindowMs: milliseconds.positive(),
  pauseMs: milliseconds,
  /** Without it, failed operations of the workload are not tried again. */
  retry: z
    .strictObject({
      maxRetries: whole,
      initialDelayMs: milliseconds,
      maxDelayMs: milliseconds,
      multiplier: z.number().min(1),
      jitter: z.number().min(0).max(1),
    })
    .optional(),
});

export const agentPlanSchema = z.strictObject({
  /** Raised when a plan of the new form cannot be carried out by an agent that knows only the old one. */
  planVersion: z.literal(1),
  runId: z.string(),
  agentId: z.string().min(1),
  agentIndex: whole,
  agentCount: whole.min(1),
  /** The agent's place among those that share the storage: all of them, or itself alone. */
  share: z.strictObject({ index: whole, count: whole.min(1) }),
  pathSelection: z.strictObject({ strategy: z.enum(PATH_SELECTIONS), overlap: part }),
  concurrency: whole.min(1),
  drainTimeoutMs: milliseconds,
  /** Whether a PUT on files flushes its file to the device before it ends. */
  fsync: z.boolean(),
  /** The seed of all random choices and generated data, a 64-bit number in decimal. */
  dataSeed: z.string().regex(/^\d+$/),
  s3: s3.optional(),
  prepare,
  cleanup,
  verify: z.enum(VERIFY_LEVELS),
  metadataCache,
  errorHandling: errorHandling.optional(),
  stores: z.array(store),
  pools: z.array(pool),
  operations: z.array(operation),
  stages: z.array(stage),
});

export type AgentPlan = z.output<typeof agentPlanSchema>;
export type S3Plan = z.output<typeof s3>;
export type ErrorHandlingPlan = z.output<typeof errorHandling>;
export type StorePlan = AgentPlan['stores'][number];
export type PoolPlan = AgentPlan['pools'][number];
export type OperationPlan = AgentPlan['operations'][number];
export type AccessPlan = z.output<typeof access>;
export type ReadRangePlan = z.output<typeof readRange>;
export type KeySource = z.output<typeof keySource>;
export type StagePlan = AgentPlan['stages'][number];
