import type { ObjectNaming, SizeDistribution } from '@sai3bench/datagen';
import { DEFAULT_BREAKER } from '@sai3bench/multi-endpoint';
import { asDirectoryUri } from '@sai3bench/store-uri';
import { notesOf } from './notes.ts';
import { PlanProblem } from './plan/plan-problem.ts';
import type { ErrorHandlingInput } from './schema/error-handling.ts';
import { addressOfEndpoint, type MultiEndpointInput } from './schema/multi-endpoint.ts';
import type { OperationInput } from './schema/operation.ts';
import { DEFAULT_SIZE_BYTES, type PrepareInput } from './schema/prepare.ts';
import type { S3Input } from './schema/s3.ts';
import type { WorkloadInput } from './schema/workload.ts';
import type { SizesOfFile, SizeSource } from './sizes/size-file.ts';
import { stagesOf } from './stages.ts';
import { DEFAULT_PATH_SELECTION, type WorkloadOperation } from './workload/operation.ts';
import type { EnsureObjects } from './workload/prepare.ts';
import type { S3Access } from './workload/s3.ts';
import {
  DEFAULT_KEEP_ALIVE,
  DEFAULT_RECONNECT_GRACE_MS,
  type ErrorHandling,
  type MultiEndpoint,
  type Workload,
} from './workload/workload.ts';

/**
 * A validated file in the form that the rest of the project works with.
 *
 * @throws PlanProblem when the sizes of a file are needed that has not been read
 */
export function normalizeWorkload(input: WorkloadInput, sizesOfFile: SizesOfFile): Workload {
  const { distributed, prepare } = input;
  const shards = prepare?.key_prefix_shards ?? 0;
  return {
    target: input.target === undefined ? undefined : asDirectoryUri(input.target),
    concurrency: input.concurrency,
    drainTimeoutMs: input.drain_timeout,
    fsync: input.fsync,
    operations: input.workload
      .map((operation, entry) => normalizeOperation(operation, entry, shards, sizesOfFile))
      .filter((operation) => operation.weight > 0),
    pathSelection: {
      strategy: distributed?.path_selection ?? DEFAULT_PATH_SELECTION.strategy,
      overlap: distributed?.partition_overlap ?? DEFAULT_PATH_SELECTION.overlap,
    },
    dynamicPutPool: input.dynamic_put_pool,
    ensureObjects: (prepare?.ensure_objects ?? []).map((entry, index) =>
      normalizeEnsureObjects(entry, index, prepare, sizesOfFile),
    ),
    prepare: {
      strategy: prepare?.prepare_strategy ?? 'sequential',
      forceOverwrite: prepare?.force_overwrite ?? false,
      skipVerification: prepare?.skip_verification ?? false,
      postDelayMs: prepare?.post_prepare_delay ?? 0,
    },
    cleanup: {
      mode: prepare?.cleanup_mode ?? 'tolerant',
      only: prepare?.cleanup_only ?? false,
    },
    verify: input.verify,
    metadataCache: {
      enabled: input.enable_metadata_cache,
      directory: distributed?.kv_cache_dir,
      checkpointIntervalMs: input.cache_checkpoint_interval_secs,
    },
    errorHandling: normalizeErrorHandling(input.error_handling),
    multiEndpoint: normalizeEndpoints(input.multi_endpoint),
    s3: normalizeS3(input.s3),
    agents: (distributed?.agents ?? []).map((agent) => ({
      address: agent.address,
      id: agent.id,
      targetOverride:
        agent.target_override === undefined ? undefined : asDirectoryUri(agent.target_override),
      concurrencyOverride: agent.concurrency_override,
      multiEndpoint: normalizeEndpoints(agent.multi_endpoint),
      cacheDirectory: agent.kv_cache_dir,
    })),
    sharedStorage: distributed?.shared_filesystem,
    startDelayMs: distributed?.start_delay,
    agentReadyTimeoutMs: distributed?.agent_ready_timeout ?? 120_000,
    reconnectGraceMs: distributed?.reconnect_grace ?? DEFAULT_RECONNECT_GRACE_MS,
    keepAlive: {
      intervalMs: distributed?.grpc_keepalive_interval ?? DEFAULT_KEEP_ALIVE.intervalMs,
      timeoutMs: distributed?.grpc_keepalive_timeout ?? DEFAULT_KEEP_ALIVE.timeoutMs,
    },
    stages: stagesOf(input),
    stagesDerived: distributed?.stages === undefined,
    notes: notesOf(input),
  };
}

function normalizeOperation(
  input: OperationInput,
  entry: number,
  shards: number,
  sizesOfFile: SizesOfFile,
): WorkloadOperation {
  const { concurrency, path, weight } = input;
  const common = { weight, concurrency, path, entry };
  if (input.op === 'list') return { ...common, op: 'list' };
  if (input.op === 'mkdir') return { ...common, op: 'mkdir' };
  if (input.op === 'rmdir') return { ...common, op: 'rmdir', recursive: input.recursive };
  if (input.op === 'get') {
    const { access, range } = input;
    return {
      ...{ ...common, op: 'get', access },
      range: range === undefined ? undefined : { sizeBytes: range.size, offset: range.offset },
    };
  }
  if (input.op !== 'put') return { ...common, op: input.op, access: input.access };
  const source = input.size_spec ??
    input.size_distribution ?? { type: 'fixed', sizeBytes: input.object_size ?? 0 };
  return {
    ...common,
    op: 'put',
    shards,
    sizes: resolveSizes(source, sizesOfFile, ['workload', entry]),
    dedupFactor: input.dedup_factor,
    compressFactor: input.compress_factor,
  };
}

function normalizeEnsureObjects(
  input: PrepareInput['ensure_objects'][number],
  index: number,
  prepare: PrepareInput | undefined,
  sizesOfFile: SizesOfFile,
): EnsureObjects {
  const tree = prepare?.directory_structure;
  const source = input.size_spec ?? input.size_distribution ?? sizesBetween(input);
  const naming: ObjectNaming =
    tree === undefined
      ? { type: 'flat', shards: prepare?.key_prefix_shards ?? 0 }
      : { type: 'tree', ...tree.spec };
  return {
    baseUri: input.base_uri,
    naming,
    count: tree?.fileCount ?? input.count ?? 0,
    sizes: resolveSizes(source, sizesOfFile, ['prepare', 'ensure_objects', index]),
    fill: input.fill === 'zero' ? 'zero' : 'random',
    dedupFactor: input.dedup_factor,
    compressFactor: input.compress_factor,
  };
}

/** The sizes that `min_size` and `max_size` stand for, which are what there is without `size_spec`. */
function sizesBetween(
  input: Pick<PrepareInput['ensure_objects'][number], 'max_size' | 'min_size'>,
): SizeDistribution {
  const minBytes = input.min_size ?? DEFAULT_SIZE_BYTES;
  const maxBytes = input.max_size ?? DEFAULT_SIZE_BYTES;
  return minBytes === maxBytes
    ? { type: 'fixed', sizeBytes: minBytes }
    : { type: 'uniform', minBytes, maxBytes };
}

function resolveSizes(
  source: SizeSource,
  sizesOfFile: SizesOfFile,
  where: readonly PropertyKey[],
): SizeDistribution {
  if (!('file' in source)) return source;
  const sizes = sizesOfFile(source);
  if (sizes !== undefined) return sizes;
  throw new PlanProblem(
    [...where, 'size_spec'],
    `the sizes of ${source.file} are needed here, but the file has not been read`,
  );
}

function normalizeErrorHandling(input: ErrorHandlingInput | undefined): ErrorHandling | undefined {
  if (input === undefined) return undefined;
  return {
    maxTotalErrors: input.max_total_errors,
    maxConsecutiveErrors: input.max_consecutive_errors,
    maxErrorsPerSecond: input.error_rate_threshold,
    errorRateWindowMs: input.error_rate_window,
    pauseMs: input.backoff_duration,
    retry: input.retry_on_error
      ? {
          maxRetries: input.max_retries,
          initialDelayMs: input.initial_retry_delay_ms,
          maxDelayMs: input.max_retry_delay_ms,
          multiplier: input.retry_backoff_multiplier,
          jitter: input.retry_jitter_factor,
        }
      : undefined,
  };
}

function normalizeS3(input: S3Input | undefined): S3Access | undefined {
  if (input === undefined) return undefined;
  const { multipart, tls } = input;
  return {
    transport: input.transport,
    addressing: input.addressing,
    payload: input.payload,
    region: input.region,
    keepAlive: input.keep_alive,
    localAddress: input.local_address,
    connectTimeoutMs: input.connect_timeout,
    idleTimeoutMs: input.idle_timeout,
    totalTimeoutMs: input.total_timeout,
    multipart: multipart && {
      thresholdBytes: multipart.threshold,
      partBytes: multipart.part_size,
      parallel: multipart.parallel,
    },
    tls: tls && {
      caPath: tls.ca,
      certPath: tls.cert,
      keyPath: tls.key,
      servername: tls.servername,
      insecure: tls.insecure,
      minVersion: tls.min_version,
    },
  };
}

function normalizeEndpoints(input: MultiEndpointInput | undefined): MultiEndpoint | undefined {
  if (input === undefined) return undefined;
  const { circuit_breaker: breaker, endpoints, namespace, strategy } = input;
  const weights = endpoints.map((endpoint) =>
    typeof endpoint === 'string' ? undefined : endpoint.weight,
  );
  return {
    namespace,
    strategy,
    endpoints: endpoints.map((endpoint) => asDirectoryUri(addressOfEndpoint(endpoint))),
    weights: weights.some((weight) => weight !== undefined)
      ? weights.map((weight) => weight ?? 1)
      : undefined,
    breaker: {
      // Nobody else has the objects of an endpoint that is out.
      failures: namespace === 'separate' ? 0 : (breaker?.failures ?? DEFAULT_BREAKER.failures),
      pauseMs: breaker?.pause ?? DEFAULT_BREAKER.pauseMs,
      longestPauseMs: breaker?.longest_pause ?? DEFAULT_BREAKER.longestPauseMs,
    },
  };
}
