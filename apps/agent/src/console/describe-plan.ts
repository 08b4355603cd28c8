import { maxSizeBytes, meanSizeBytes, type SizeDistribution } from '@sai3bench/datagen';
import { parseStoreUri } from '@sai3bench/store-uri';
import { formatBytes, formatCount, formatDurationMs } from '@sai3bench/units';
import {
  type AgentPlan,
  describeCommand,
  type PoolPlan,
  type S3Plan,
  type StagePlan,
  type StorePlan,
} from '@sai3bench/workload-config';
import type { ThreadLayout } from '@sai3bench/workload-engine';

/** Endpoints of a store that are named; there may be a thousand. */
const SHOWN_ENDPOINTS = 16;

const PAYLOADS: Readonly<Record<S3Plan['payload'], string>> = {
  unsigned: 'unsigned',
  signed: 'signed',
  crc32c: 'with a CRC-32C behind them',
  crc64nvme: 'with a CRC-64/NVME behind them',
  sha256: 'with a SHA-256 behind them',
};

/** What an agent is about to do, in lines for people. */
export function describePlan(plan: AgentPlan, layout: ThreadLayout): string[] {
  return [
    `Stages: ${plan.stages.map(({ kind, name }) => `${name} (${kind})`).join(', ')}`,
    describeThreads(layout),
    ...plan.stores.map((store, index) => `Store ${String(index + 1)}: ${describeStore(store)}`),
    ...describeS3(plan),
    ...plan.pools.map(describePool),
    ...plan.operations.flatMap((operation) =>
      operation.op === 'put'
        ? [
            `Put: ${describeSizes(operation.sizes)}, fill ${operation.fill}, dedup ${String(operation.dedupFactor)}, compress ${String(operation.compressFactor)}`,
          ]
        : [],
    ),
    `Data seed: ${plan.dataSeed}`,
  ];
}

/** `Worker threads: 2 with 16 operations in flight each (one for each CPU)` */
function describeThreads({ reason, slots }: ThreadLayout): string {
  const most = Math.max(...slots);
  const least = Math.min(...slots);
  const each = most === least ? formatCount(most) : `${formatCount(least)} or ${formatCount(most)}`;
  return `Worker threads: ${formatCount(slots.length)} with ${each} operations in flight each (${reason})`;
}

/** The endpoints of a store, and how one of them is chosen. */
function describeStore({ endpoints, namespace, strategy }: StorePlan): string {
  const listed = [
    ...endpoints.slice(0, SHOWN_ENDPOINTS),
    ...(endpoints.length > SHOWN_ENDPOINTS
      ? [`and ${formatCount(endpoints.length - SHOWN_ENDPOINTS)} more`]
      : []),
  ].join(', ');
  if (endpoints.length === 1) return listed;
  const choice = namespace === 'separate' ? 'each object at one of them' : strategy;
  return `${listed} (${choice})`;
}

/** How S3 is talked to, if it is. */
function describeS3({ s3, stores }: AgentPlan): string[] {
  const isS3 = stores.some(({ endpoints }) =>
    endpoints.some((address) => parseStoreUri(address).scheme === 's3'),
  );
  if (!isS3) return [];
  if (s3?.transport === 'sdk') return ['S3: through the AWS SDK'];
  return [`S3: payloads ${PAYLOADS[s3?.payload ?? 'unsigned']}`];
}

function describePool(pool: PoolPlan): string {
  const { begin, end } = pool.own;
  const own =
    end - begin === pool.count
      ? `${formatCount(pool.count)} objects`
      : `objects ${formatCount(begin)} to ${formatCount(Math.max(begin, end - 1))} of ${formatCount(pool.count)}`;
  return `Prepare: ${own} as ${pool.prefix}${describeNames(pool)}, ${describeSizes(pool.sizes)}, fill ${pool.fill}, dedup ${String(pool.dedupFactor)}, compress ${String(pool.compressFactor)}`;
}

function describeNames({ name, naming }: PoolPlan): string {
  if (naming.type === 'flat') {
    return naming.shards === 0
      ? `${name}-*.dat`
      : `*/${name}-*.dat (${formatCount(naming.shards)} shards)`;
  }
  const { depth, distribution, filesPerDirectory, width } = naming;
  return `file_*.dat in a tree (width ${formatCount(width)}, depth ${formatCount(depth)}, ${formatCount(filesPerDirectory)} files in each directory${distribution === 'bottom' ? ' of the last level' : ''})`;
}

/** Sizes in words: `4 KiB`, `1 KiB to 1 MiB (uniform)`, `8 MiB on average, 1 MiB to 16 MiB (lognormal)`. */
function describeSizes(sizes: SizeDistribution): string {
  switch (sizes.type) {
    case 'fixed':
      return formatBytes(sizes.sizeBytes);
    case 'uniform':
      return `${formatBytes(sizes.minBytes)} to ${formatBytes(sizes.maxBytes)} (uniform)`;
    case 'lognormal':
      return `${formatBytes(Math.round(sizes.meanBytes))} on average, ${formatBytes(sizes.minBytes)} to ${formatBytes(sizes.maxBytes)} (lognormal)`;
    case 'weighted':
      return `${formatBytes(Math.round(meanSizeBytes(sizes)))} on average, at most ${formatBytes(maxSizeBytes(sizes))} (${formatCount(sizes.buckets.length)} weighted sizes)`;
  }
}

/** How long a stage lasts, in words. */
export function describeLength({
  command,
  durationMs,
  operations,
}: Pick<StagePlan, 'command' | 'durationMs' | 'operations'>): string {
  if (command !== undefined) return `until it ends: ${describeCommand(command)}`;
  if (durationMs === undefined) return 'until its tasks are done';
  const time = `for ${formatDurationMs(durationMs)}`;
  if (operations === undefined) return time;
  return `${time}, or until ${formatCount(operations)} operations are done`;
}
