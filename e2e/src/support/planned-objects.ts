import { Dataset, seedOf } from '@sai3bench/datagen';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { readResult } from './tables.ts';

/** The sizes of all objects that a workload prepares, in bytes, by their keys below the target. */
export function plannedObjects(yaml: string, results: string): ReadonlyMap<string, number> {
  const { data_seed: dataSeed } = JSON.parse(readResult(results, 'metadata.json')) as {
    data_seed: string;
  };
  const { pools } = planAgent(parseWorkload(yaml, 'workload.yaml'), {
    ...{ agentId: 'agent-1', agentIndex: 0, agentCount: 1, entry: undefined },
    ...{ runId: 'planned', dataSeed },
  });
  const objects = new Map<string, number>();
  for (const pool of pools) {
    const { compressFactor, count, dedupFactor, fill, name, naming, prefix, seed, sizes } = pool;
    const dataset = new Dataset({
      ...{ compressFactor, count, dedupFactor, fill, name, naming, prefix, sizes },
      seed: seedOf(BigInt(seed)),
    });
    for (let index = 0; index < count; index++) {
      objects.set(dataset.keyOf(index), dataset.sizeOf(index));
    }
  }
  return objects;
}
