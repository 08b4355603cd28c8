import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PayloadGenerator, seedOf } from '@sai3bench/datagen';
import type { ObjectStates } from '@sai3bench/metadata-cache';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { CloseLimits, DatasetLimits } from '../dataset/dataset-limits.ts';
import { type KeptPool, keptPools } from '../dataset/pools/kept-pool.ts';
import { RunDataset } from '../dataset/run-dataset.ts';
import { allocateRunMemory } from '../memory/run-memory.ts';
import type { PoolObjects } from '../stage/pool-objects.ts';
import { DATA_SEED } from './run-plan.ts';

/** The datasets of a run on one agent, without threads: a test is the worker, with files in place of a storage. */
export interface OpenDataset {
  readonly dataset: RunDataset;
  readonly pools: readonly KeptPool[];
  readonly notices: readonly string[];
  /** Stops what is under way. */
  readonly stop: () => void;
  /** Ends as a run does. */
  readonly close: () => Promise<void>;
}

/** Longer than any test. */
export const NEVER_MS = 3_600_000;
const NO_LIMITS: CloseLimits = {
  ...{ settleMs: NEVER_MS, requestsMs: NEVER_MS, syncMs: NEVER_MS, wholeMs: 2 * NEVER_MS },
};
/** Nothing ends in a test because of these, though the machine stands still for a while. */
export const PATIENT: DatasetLimits = {
  ...{ fetchIdleMs: NEVER_MS, checkpointMs: NEVER_MS, holdUpMs: NEVER_MS },
  ...{ close: NO_LIMITS, stoppedClose: NO_LIMITS },
};

/** The largest object that tests make. */
const MOST_BYTES = 64 * 1024;

let lastRunMs = Date.now();
const opened = new Set<RunDataset>();

/** Opens the datasets of a run that begins after all runs before it. */
export async function openDataset(
  plan: AgentPlan,
  agentIds: readonly string[] = [plan.agentId],
  limits: DatasetLimits = PATIENT,
): Promise<OpenDataset> {
  const memory = allocateRunMemory(plan);
  const notices: string[] = [];
  const stopping = new AbortController();
  const dataset = await RunDataset.open({
    ...{ plan, memory, agentIds, limits, startedAtMs: ++lastRunMs },
    stopping: stopping.signal,
    notify: (_, text) => {
      notices.push(text);
    },
  });
  opened.add(dataset);
  const close = async (): Promise<void> => {
    opened.delete(dataset);
    await dataset.close(nobodyWatches);
  };
  const stop = (): void => {
    stopping.abort();
  };
  return { dataset, notices, pools: keptPools(plan, memory), stop, close };
}

/** Closes what a test that failed has left open. */
export async function abandonDatasets(): Promise<void> {
  for (const dataset of opened) await dataset.close(nobodyWatches);
  opened.clear();
}

function nobodyWatches(): void {
  // What is done takes no time in tests.
}

/** Makes what a pool lacks below a directory, as a prepare stage does. */
export function makeObjects(root: string, { objects, states }: KeptPool, most = Infinity): number {
  let made = 0;
  for (let position = 0; position < states.count && made < most; position++) {
    if (isThere(states, position)) continue;
    const index = objects.plan.own.begin + position;
    const path = join(root, objects.dataset.keyOf(index));
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, writtenContent(objects, index));
    states.set(position, 'created');
    made++;
  }
  return made;
}

/** What a prepare stage writes into an object of a pool, up to 64 KiB. */
export function writtenContent({ dataset }: PoolObjects, index: number): Buffer {
  const generator = new PayloadGenerator(seedOf(BigInt(DATA_SEED)), MOST_BYTES);
  const target = generator.allocate(MOST_BYTES);
  const sizeBytes = dataset.sizeOf(index);
  generator.fill(target, dataset.content, { index, sizeBytes }, 0, sizeBytes);
  return Buffer.from(target.subarray(0, sizeBytes));
}

function isThere(states: ObjectStates, position: number): boolean {
  const state = states.get(position);
  return state === 'created' || state === 'found';
}
