import { endpointUris } from '../../endpoint-uris.ts';
import { DATASET_LIMITS } from '../dataset-limits.ts';
import type { RunDatasetOptions } from '../run-dataset-options.ts';
import type { SideStores } from '../side-store/side-stores.ts';
import { CheckpointStore } from './checkpoint-store.ts';

/**
 * Where the checkpoints of a run are: with the first of its pools, over connections of their own. Undefined without pools.
 *
 * @throws BenchError `STORE_URI` when an address cannot be understood
 */
export async function openCheckpointStore(
  { agentIds, limits = DATASET_LIMITS, notify, plan, stopping }: RunDatasetOptions,
  stores: SideStores,
): Promise<CheckpointStore | undefined> {
  const [pool] = plan.pools;
  if (pool === undefined) return undefined;
  return new CheckpointStore(
    {
      store: await stores.openAnother(pool.store),
      prefix: pool.prefix,
      ...{ agentId: plan.agentId, agentIndex: plan.agentIndex, agentIds },
      canList: endpointUris(plan, pool.store).every(({ scheme }) => scheme === 's3'),
    },
    {
      idleMs: limits.fetchIdleMs,
      stopping,
      onTrouble: (text) => {
        notify('warn', `⚠ ${text}`);
      },
    },
  );
}
