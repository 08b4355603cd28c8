import type { SizeDistribution } from '@sai3bench/datagen';
import { formatBytes, formatCount, formatDurationMs } from '@sai3bench/units';
import type { AgentPlan, PoolPlan } from '@sai3bench/workload-config';

/** What an agent is about to do, in lines for people. */
export function describePlan(plan: AgentPlan): string[] {
  return [
    `Stages: ${plan.stages.map(({ kind, name }) => `${name} (${kind})`).join(', ')}`,
    ...plan.stores.map(
      ({ endpoints, strategy }, index) =>
        `Store ${String(index + 1)}: ${endpoints.join(', ')}${endpoints.length > 1 ? ` (${strategy})` : ''}`,
    ),
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

function describePool(pool: PoolPlan): string {
  const { begin, end } = pool.own;
  const own =
    end - begin === pool.count
      ? `${formatCount(pool.count)} objects`
      : `objects ${formatCount(begin)} to ${formatCount(Math.max(begin, end - 1))} of ${formatCount(pool.count)}`;
  return `Prepare: ${own} as ${pool.prefix}${pool.name}-*.dat, ${describeSizes(pool.sizes)}, fill ${pool.fill}, dedup ${String(pool.dedupFactor)}, compress ${String(pool.compressFactor)}`;
}

/** Sizes in words: `4 KiB`, `1 KiB to 1 MiB (uniform)`, `8 MiB on average, 1 MiB to 16 MiB (lognormal)`. */
export function describeSizes(sizes: SizeDistribution): string {
  switch (sizes.type) {
    case 'fixed':
      return formatBytes(sizes.sizeBytes);
    case 'uniform':
      return `${formatBytes(sizes.minBytes)} to ${formatBytes(sizes.maxBytes)} (uniform)`;
    case 'lognormal':
      return `${formatBytes(Math.round(sizes.meanBytes))} on average, ${formatBytes(sizes.minBytes)} to ${formatBytes(sizes.maxBytes)} (lognormal)`;
  }
}

/** How long a stage lasts, in words. */
export function describeLength(durationMs: number | undefined): string {
  return durationMs === undefined
    ? 'until its tasks are done'
    : `for ${formatDurationMs(durationMs)}`;
}
