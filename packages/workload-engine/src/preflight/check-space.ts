import { statfsSync, statSync } from 'node:fs';
import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import { formatBytes, formatCount } from '@sai3bench/units';
import { type CheckContext, checklistOf } from './check-context.ts';
import type { Checklist } from './checklist.ts';
import { nearestDirectory } from './nearest-directory.ts';
import { type PoolNeed, poolNeeds, putNeeds, sampleKeys, type SpaceNeed } from './space-needs.ts';

/** A file system should have room for this much more than is written: sizes are estimates, and file systems need some. */
const MARGIN = 1.2;
/** Objects of a pool that are looked for, to tell how many of them are there already. */
const SAMPLES = 32;

/** A file system, and what the plan adds to it. */
interface Filled {
  /** The first address of the plan on it. */
  readonly address: string;
  readonly directory: string;
  bytes: number;
  inodes: number;
  /** Whether PUTs add more than is known. */
  grows: boolean;
  /** Pools that are counted already, because another endpoint shows them too. */
  readonly counted: Set<PoolNeed>;
}

/**
 * Compares the free space and inodes of every file system with what the plan adds, all pools and stores together.
 *
 * @param sound addresses of the endpoints that can be looked at
 */
export async function checkSpace(context: CheckContext, sound: ReadonlySet<string>): Promise<void> {
  const { plan } = context;
  const filled = new Map<number, Filled>();
  const pools = poolNeeds(plan);
  const puts = putNeeds(plan);
  for (const [store, { endpoints }] of plan.stores.entries()) {
    const ofStore = pools.filter(({ pool }) => pool.store === store);
    const put = puts[store] ?? { bytes: 0, inodes: 0 };
    if (ofStore.length === 0 && put.inodes === 0) continue;
    for (const address of endpoints) {
      const uri = parseStoreUri(address);
      if (!isFileUri(uri) || !sound.has(address)) continue;
      await checklistOf(context, address).attempt('disk-space', () => {
        fill(filled, address, uri.path, ofStore, put);
      });
    }
  }
  for (const each of filled.values()) await checkFilled(each, checklistOf(context, each.address));
}

function fill(
  filled: Map<number, Filled>,
  address: string,
  path: string,
  pools: readonly PoolNeed[],
  put: SpaceNeed,
): void {
  const { directory } = nearestDirectory(path);
  const { dev } = statSync(directory);
  let system = filled.get(dev);
  if (system === undefined) {
    system = { address, directory, bytes: 0, inodes: 0, grows: false, counted: new Set() };
    filled.set(dev, system);
  }
  for (const need of pools) {
    if (need.parts === 1 && system.counted.has(need)) continue;
    system.counted.add(need);
    const missing = 1 - presentShare(path, need);
    system.bytes += need.bytes * missing;
    system.inodes += need.inodes * missing;
  }
  system.bytes += put.bytes;
  system.inodes += put.inodes;
  system.grows ||= put.inodes > 0;
}

/** Which part of a pool is there already, judged by some of its objects: what is there takes no more room. */
function presentShare(path: string, { parts, pool }: PoolNeed): number {
  const keys = sampleKeys(pool, SAMPLES);
  const present = keys.filter(
    (key) => statSync(path + key, { throwIfNoEntry: false }) !== undefined,
  );
  return keys.length === 0 ? 0 : Math.min(1, (present.length * parts) / keys.length);
}

async function checkFilled(filled: Filled, checks: Checklist): Promise<void> {
  await checks.attempt('disk-space', () => {
    const { bavail, bsize, ffree, files } = readSpace(filled, checks) ?? {};
    if (bavail === undefined || bsize === undefined) return;
    compareBytes(bavail * bsize, filled, checks);
    // Many file systems make inodes as they need them, and tell of none.
    if (files !== undefined && files > 0) compareInodes(ffree ?? 0, filled, checks);
  });
}

function readSpace({ directory }: Filled, checks: Checklist) {
  try {
    return statfsSync(directory);
  } catch (error) {
    checks.warn('disk-space', error);
    return undefined;
  }
}

function compareBytes(free: number, { bytes, grows }: Filled, checks: Checklist): void {
  const has = `${formatBytes(free)} free`;
  const needs = `the plan writes about ${formatBytes(Math.ceil(bytes))}`;
  if (free < bytes) {
    checks.report('error', 'RESOURCE', 'disk-space', `${has}, but ${needs}`, LESS_DATA);
  } else if (free < bytes * MARGIN) {
    const little = `${has}, which is little more than is needed: ${needs}`;
    checks.report('warning', 'RESOURCE', 'disk-space', little, LESS_DATA);
  } else {
    const more = grows ? ', and its PUTs more, the longer they take' : '';
    checks.report('info', 'RESOURCE', 'disk-space', `${has}; ${needs}${more}`);
  }
}

const LESS_DATA =
  'free space, or lower count or size_spec of prepare.ensure_objects, or object_size of PUTs';

function compareInodes(free: number, { inodes }: Filled, checks: Checklist): void {
  const needed = Math.ceil(inodes);
  if (free >= needed) return;
  checks.report(
    'error',
    'RESOURCE',
    'inodes',
    `${formatCount(free)} inodes free, but the plan makes about ${formatCount(needed)} files and directories`,
    'remove files, use a file system with more inodes, or lower count of prepare.ensure_objects',
  );
}
