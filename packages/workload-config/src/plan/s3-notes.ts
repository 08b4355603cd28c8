import { maxSizeBytes } from '@sai3bench/datagen';
import { parseStoreUri } from '@sai3bench/store-uri';
import { formatBytes } from '@sai3bench/units';
import type { AgentPlan } from './agent-plan.ts';

/** What of `s3` in a file has no effect on what its agents do. */
export function s3Notes(plans: readonly AgentPlan[]): string[] {
  const s3 = plans[0]?.s3;
  if (s3 === undefined) return [];
  const onS3 = plans.map((plan) =>
    plan.stores.map(({ endpoints }) =>
      endpoints.some((endpoint) => parseStoreUri(endpoint).scheme === 's3'),
    ),
  );
  if (!onS3.flat().includes(true)) return ['s3 has no effect: no address is one of S3'];
  // Of the SDK, who reads the file is told anyway.
  if (s3.multipart === undefined || s3.transport === 'sdk') return [];
  const { thresholdBytes } = s3.multipart;
  const written = plans.flatMap((plan, index) => {
    const puts = plan.operations.filter((operation) => operation.op === 'put');
    return [...plan.pools, ...puts].filter(({ store }) => onS3[index]?.[store]);
  });
  if (written.some(({ sizes }) => maxSizeBytes(sizes) > thresholdBytes)) return [];
  return [
    `s3.multipart has no effect: no object that is written is larger than its threshold, ${formatBytes(thresholdBytes)}`,
  ];
}
