import { partition } from '@sai3bench/datagen';
import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import type { Stage } from '../workload/stage.ts';
import type { AgentEntry, ErrorHandling, Workload } from '../workload/workload.ts';
import type { AgentPlan, ErrorHandlingPlan, StagePlan } from './agent-plan.ts';
import { planOperations } from './plan-operations.ts';
import { planPools } from './plan-pools.ts';
import { StoreTable } from './store-table.ts';

/** Which agent a plan is for. */
export interface AgentIdentity {
  readonly agentId: string;
  /** Position among the agents of the run, from 0. */
  readonly agentIndex: number;
  readonly agentCount: number;
  /** What the workload file says of this agent, if it names it. */
  readonly entry: AgentEntry | undefined;
  readonly runId: string;
  /** The seed of all random choices and generated data, a 64-bit number in decimal. */
  readonly dataSeed: string;
}

/**
 * What one agent is to do.
 *
 * @throws BenchError `CONFIG_INVALID` when the workload cannot be carried out as written
 */
export function planAgent(workload: Workload, identity: AgentIdentity): AgentPlan {
  const { agentCount, agentId, agentIndex, entry } = identity;
  const shared = storageIsShared(workload, agentCount);
  const stores = new StoreTable(workload, entry, shared ? '' : `${agentId}/`);
  const share = shared ? { index: agentIndex, count: agentCount } : { index: 0, count: 1 };
  const named = shared ? storesOfAll(workload, stores) : stores;
  const pools = planPools(workload, { stores, named }, share, identity.dataSeed);
  const operations = planOperations(workload, stores, pools);
  return {
    planVersion: 1,
    runId: identity.runId,
    agentId,
    agentIndex,
    agentCount,
    share,
    pathSelection: workload.pathSelection,
    concurrency: entry?.concurrencyOverride ?? workload.concurrency,
    drainTimeoutMs: workload.drainTimeoutMs,
    fsync: workload.fsync,
    dataSeed: identity.dataSeed,
    ...(workload.s3 === undefined ? {} : { s3: workload.s3 }),
    prepare: { ...workload.prepare },
    cleanup: { ...workload.cleanup },
    verify: workload.verify,
    metadataCache: planCache(workload, entry),
    ...(workload.errorHandling === undefined
      ? {}
      : { errorHandling: planErrors(workload.errorHandling) }),
    stores: stores.stores,
    pools,
    operations,
    stages: workload.stages.map((stage) => planStage(stage, identity)),
  };
}

function planStage(stage: Stage, { agentCount, agentIndex }: AgentIdentity): StagePlan {
  const { barrier, command, completion, durationMs, expectedTasks, kind, name, optional } = stage;
  const share =
    kind === 'hybrid' && expectedTasks !== undefined
      ? partition(expectedTasks, agentIndex, agentCount)
      : undefined;
  return {
    ...{ name, kind, completion, optional, barrier: { ...barrier } },
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(share === undefined ? {} : { operations: share.end - share.begin }),
    ...(command === undefined ? {} : { command: { ...command } }),
  };
}

/**
 * The stores under the names that all agents agree on: an agent may have endpoints of its own, such as another mount of
 * the same file system.
 */
function storesOfAll(workload: Workload, own: StoreTable): StoreTable {
  if (workload.agents.length === 0) return own;
  const isNamed = workload.multiEndpoint !== undefined || workload.target !== undefined;
  return new StoreTable(workload, isNamed ? undefined : workload.agents[0], '');
}

function planCache(
  { metadataCache }: Workload,
  entry: AgentEntry | undefined,
): AgentPlan['metadataCache'] {
  const { checkpointIntervalMs, enabled } = metadataCache;
  const directory = entry?.cacheDirectory ?? metadataCache.directory;
  return { enabled, checkpointIntervalMs, ...(directory === undefined ? {} : { directory }) };
}

function planErrors({ maxConsecutiveErrors, retry, ...errors }: ErrorHandling): ErrorHandlingPlan {
  return {
    ...errors,
    ...(maxConsecutiveErrors === undefined ? {} : { maxConsecutiveErrors }),
    ...(retry === undefined ? {} : { retry: { ...retry } }),
  };
}

/**
 * Whether the agents share one namespace: what the file says, else true for one agent and for object
 * storage, and false for files, where agents on several hosts are more likely to see different disks.
 */
export function storageIsShared(workload: Workload, agentCount: number): boolean {
  if (workload.sharedStorage !== undefined) return workload.sharedStorage;
  if (agentCount === 1) return true;
  const address = workload.multiEndpoint?.endpoints[0] ?? workload.target;
  return address === undefined || !isFileUri(parseStoreUri(address));
}
