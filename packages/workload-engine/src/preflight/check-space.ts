import { isFileUri, parseStoreUri } from '@sai3bench/store-uri';
import { formatBytes, formatCount } from '@sai3bench/units';
import type { CheckContext } from './check-context.ts';
import { Checklist } from './checklist.ts';
import type { FreeRoom, PresentObjects } from './file-tasks.ts';
import type { FileThreads } from './file-threads.ts';
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
 * @param threads make the calls
 */
export async function checkSpace(
  context: CheckContext,
  sound: ReadonlySet<string>,
  threads: FileThreads,
): Promise<void> {
  const filled = new Map<number, Filled>();
  const additions = additionsOf(context, sound);
  const present = await Promise.all(
    additions.map(({ address, path, pools }) =>
      threads.run(address, {
        type: 'count',
        path,
        keys: pools.map(({ pool }) => sampleKeys(pool, SAMPLES)),
      }),
    ),
  );
  for (const [index, addition] of additions.entries()) {
    const there = present[index];
    if (there !== undefined) fill(filled, addition, there);
  }
  await Promise.all(
    [...filled.values()].map(async (each) => {
      const { address, directory: path } = each;
      const room = await threads.run(address, { type: 'measure', path });
      if (room !== undefined) compare(room, each, new Checklist(address, context));
    }),
  );
}

/** What the plan adds through one endpoint. */
interface Addition {
  readonly address: string;
  readonly path: string;
  readonly pools: readonly PoolNeed[];
  readonly put: SpaceNeed;
}

function additionsOf({ plan }: CheckContext, sound: ReadonlySet<string>): Addition[] {
  const needs = poolNeeds(plan);
  const puts = putNeeds(plan);
  return plan.stores.flatMap(({ endpoints }, store) => {
    const pools = needs.filter(({ pool }) => pool.store === store);
    const put = puts[store] ?? { bytes: 0, inodes: 0 };
    if (pools.length === 0 && put.inodes === 0) return [];
    return endpoints.flatMap((address) => {
      const uri = parseStoreUri(address);
      return isFileUri(uri) && sound.has(address) ? [{ address, path: uri.path, pools, put }] : [];
    });
  });
}

function fill(
  filled: Map<number, Filled>,
  { address, pools, put }: Addition,
  { counts, device, directory }: PresentObjects,
): void {
  let system = filled.get(device);
  if (system === undefined) {
    system = { address, directory, bytes: 0, inodes: 0, grows: false, counted: new Set() };
    filled.set(device, system);
  }
  for (const [index, need] of pools.entries()) {
    if (need.parts === 1 && system.counted.has(need)) continue;
    system.counted.add(need);
    const missing = 1 - presentShare(counts[index] ?? 0, need);
    system.bytes += need.bytes * missing;
    system.inodes += need.inodes * missing;
  }
  system.bytes += put.bytes;
  system.inodes += put.inodes;
  system.grows ||= put.inodes > 0;
}

/** Which part of a pool is there already, judged by some of its objects: what is there takes no more room. */
function presentShare(present: number, { parts, pool }: PoolNeed): number {
  const asked = Math.min(SAMPLES, pool.own.end - pool.own.begin);
  return asked === 0 ? 0 : Math.min(1, (present * parts) / asked);
}

function compare({ bytes, inodes }: FreeRoom, filled: Filled, checks: Checklist): void {
  compareBytes(bytes, filled, checks);
  if (inodes !== undefined) compareInodes(inodes, filled, checks);
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
