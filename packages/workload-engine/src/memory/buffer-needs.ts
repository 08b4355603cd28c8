import { BLOCK_BYTES, maxSizeBytes, type SizeDistribution } from '@sai3bench/datagen';
import { multipartSettings } from '@sai3bench/object-store';
import type { StoreUri } from '@sai3bench/store-uri';
import {
  type AgentPlan,
  type KeySource,
  type ReadRangePlan,
  runsMix,
} from '@sai3bench/workload-config/plan';
import { endpointUris } from '../endpoint-uris.ts';

/** What of a plan decides about buffers. */
export type BufferPlan = Pick<AgentPlan, 'operations' | 'pools' | 's3' | 'stages' | 'stores'>;

/** The buffers that a plan calls for, if there were memory for everything. */
export interface BufferNeeds {
  /** The largest object that may be written, in whole blocks. */
  readonly payloadBytes: number;
  /** Whether a piece of an object is made while the one before is written, as on `direct://`. */
  readonly overlapsWrites: boolean;
  /** Parts of one object that are made side by side; 1 where all objects are written as a whole. */
  readonly lanes: number;
  /** The largest file that may be read, with what its last read asks for; 0 when no file is read. */
  readonly readBytes: number;
  /** Endpoints of which files are read. */
  readonly readEndpoints: number;
}

/** A store that something is written to, and the sizes of what is written. */
interface Written {
  readonly store: number;
  readonly sizes: SizeDistribution;
}

/** What a plan needs buffers for. */
export function bufferNeeds(plan: BufferPlan): BufferNeeds {
  const prepares = plan.stages.some(({ kind }) => kind === 'prepare');
  const mixes = plan.stages.some(({ kind }) => runsMix(kind));
  const written: Written[] = [
    ...(prepares ? plan.pools : []),
    ...(mixes ? plan.operations.filter((operation) => operation.op === 'put') : []),
  ];
  const reads = plan.operations.flatMap((operation) =>
    mixes && operation.op === 'get'
      ? narrowed(readsOf(plan, operation.source), operation.range)
      : [],
  );
  const stores = new Set(reads.map(({ store }) => store));
  return {
    payloadBytes: wholeBlocks(Math.max(1, ...written.map(({ sizes }) => maxSizeBytes(sizes)))),
    overlapsWrites: written.some(({ store }) => hasScheme(plan, store, ['direct'])),
    lanes: Math.max(1, ...written.map((each) => lanesOf(plan, each))),
    readBytes: Math.max(0, ...reads.map(({ bytes }) => bytes)),
    readEndpoints: [...stores].reduce(
      (sum, store) => sum + (plan.stores[store]?.endpoints.length ?? 0),
      0,
    ),
  };
}

/** A store that files are read of, and the buffer that they need. */
interface Read {
  readonly store: number;
  readonly bytes: number;
}

/** The same where only a part of each file is read, which may lie in one block more than it is long. */
function narrowed(reads: readonly Read[], range: ReadRangePlan | undefined): readonly Read[] {
  if (range === undefined) return reads;
  const most = wholeBlocks(range.sizeBytes) + BLOCK_BYTES;
  return reads.map(({ bytes, store }) => ({ store, bytes: Math.min(bytes, most) }));
}

/** The files that an operation reads. */
function readsOf(plan: BufferPlan, source: KeySource): Read[] {
  const reads =
    source.type === 'pools'
      ? source.pools.flatMap((index) => {
          const pool = plan.pools[index];
          if (pool === undefined) return [];
          // One byte more is asked for, to find the end.
          return [{ store: pool.store, bytes: wholeBlocks(maxSizeBytes(pool.sizes) + 1) }];
        })
      : [{ store: source.store, bytes: Infinity }];
  return reads.filter(({ store }) => hasScheme(plan, store, ['file', 'direct']));
}

/** Whether objects that a plan writes to S3 may be so large that they go in parts. */
export function goInParts(plan: BufferPlan, { sizes, store }: Written): boolean {
  const { s3 } = plan;
  if (s3?.transport === 'sdk' || !hasScheme(plan, store, ['s3'])) return false;
  return maxSizeBytes(sizes) > multipartSettings(s3?.multipart).thresholdBytes;
}

function lanesOf(plan: BufferPlan, written: Written): number {
  return goInParts(plan, written) ? multipartSettings(plan.s3?.multipart).parallel : 1;
}

function hasScheme(
  plan: BufferPlan,
  store: number,
  schemes: readonly StoreUri['scheme'][],
): boolean {
  return endpointUris(plan, store).some(({ scheme }) => schemes.includes(scheme));
}

function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
