import type { SizeDistribution } from '@sai3bench/datagen';
import { DEFAULT_BREAKER } from '@sai3bench/multi-endpoint';
import { asDirectoryUri } from '@sai3bench/store-uri';
import { addressOfEndpoint, type MultiEndpointInput } from './schema/multi-endpoint.ts';
import type { OperationInput } from './schema/operation.ts';
import type { PrepareInput } from './schema/prepare.ts';
import type { S3Input } from './schema/s3.ts';
import type { WorkloadInput } from './schema/workload.ts';
import { notesOf } from './notes.ts';
import { deriveStages, orderStages } from './stages.ts';
import type {
  EnsureObjects,
  MultiEndpoint,
  S3Access,
  Workload,
  WorkloadOperation,
} from './workload.ts';

/** What `ensure_objects` entries without a size get, as in the peer. */
const DEFAULT_SIZE: SizeDistribution = { type: 'fixed', sizeBytes: 1_048_576 };

/** A validated file in the form that the rest of the project works with. */
export function normalizeWorkload(input: WorkloadInput): Workload {
  const { distributed } = input;
  const stages = distributed?.stages;
  return {
    target: input.target === undefined ? undefined : asDirectoryUri(input.target),
    concurrency: input.concurrency,
    drainTimeoutMs: input.drain_timeout,
    fsync: input.fsync,
    operations: input.workload.map(normalizeOperation).filter((operation) => operation.weight > 0),
    ensureObjects: (input.prepare?.ensure_objects ?? []).map(normalizeEnsureObjects),
    multiEndpoint: normalizeEndpoints(input.multi_endpoint),
    s3: normalizeS3(input.s3),
    agents: (distributed?.agents ?? []).map((agent) => ({
      address: agent.address,
      id: agent.id,
      targetOverride:
        agent.target_override === undefined ? undefined : asDirectoryUri(agent.target_override),
      concurrencyOverride: agent.concurrency_override,
      multiEndpoint: normalizeEndpoints(agent.multi_endpoint),
    })),
    sharedStorage: distributed?.shared_filesystem,
    startDelayMs: distributed?.start_delay,
    agentReadyTimeoutMs: distributed?.agent_ready_timeout ?? 120_000,
    stages: stages === undefined ? deriveStages(input) : orderStages(input, stages),
    stagesDerived: stages === undefined,
    notes: notesOf(input),
  };
}

function normalizeOperation(input: OperationInput, entry: number): WorkloadOperation {
  if (input.op !== 'put') return { op: input.op, weight: input.weight, path: input.path, entry };
  return {
    op: 'put',
    weight: input.weight,
    path: input.path,
    entry,
    sizes: input.size_spec ??
      input.size_distribution ?? { type: 'fixed', sizeBytes: input.object_size ?? 0 },
    dedupFactor: input.dedup_factor,
    compressFactor: input.compress_factor,
  };
}

function normalizeEnsureObjects(input: PrepareInput['ensure_objects'][number]): EnsureObjects {
  return {
    baseUri: input.base_uri,
    count: input.count,
    sizes: input.size_spec ?? input.size_distribution ?? DEFAULT_SIZE,
    fill: input.fill === 'zero' ? 'zero' : 'random',
    dedupFactor: input.dedup_factor,
    compressFactor: input.compress_factor,
  };
}

function normalizeS3(input: S3Input | undefined): S3Access | undefined {
  if (input === undefined) return undefined;
  const { tls } = input;
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
