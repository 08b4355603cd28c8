import { type ObjectStore, openStore, type TrafficMemory } from '@sai3bench/object-store';
import type { AgentPlan } from '@sai3bench/workload-config/plan';
import { monotonicClock } from '../clock.ts';
import { s3OptionsOf } from '../s3-access.ts';

/** Opens a store of S3 for checks, with the options of the plan. */
export async function openProbeStore(
  address: string,
  { s3 }: Pick<AgentPlan, 's3'>,
  memory?: TrafficMemory,
): Promise<ObjectStore> {
  return openStore(address, {
    ...(memory === undefined ? {} : { traffic: { memory, endpoint: 0 } }),
    nowNs: monotonicClock(),
    maxInFlight: 2,
    fileMode: 'async',
    env: process.env,
    s3: s3 === undefined ? {} : s3OptionsOf(s3),
  });
}
