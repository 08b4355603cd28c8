import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Checkpoint, MetadataCache } from '@sai3bench/metadata-cache';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { allocateRunMemory } from '../../memory/run-memory.ts';
import { planOf } from '../../testing/run-plan.ts';
import { type KeptPool, keptPools } from '../pools/kept-pool.ts';
import { FirstRuns } from './first-runs.ts';

const EARLY_MS = Date.parse('2026-01-01T00:00:00Z');
const LATE_MS = EARLY_MS + 1_000;

let directory: TemporaryDirectory;
let cache: MetadataCache;
let pool: KeptPool;

beforeEach(async () => {
  directory = temporaryDirectory();
  const now = (): Date => new Date(0);
  cache = await MetadataCache.open({ directory: directory.path, bootId: 'boot', now });
  const plan = planOf(`
target: s3://localhost/bucket/
prepare: {ensure_objects: [{count: 4, size_spec: 10}]}
distributed: {stages: [{name: fill, order: 1, type: prepare}]}
`);
  const [first] = keptPools(plan, allocateRunMemory(plan));
  if (first === undefined) throw new RangeError('the plan has no pool');
  pool = first;
});
afterEach(async () => {
  await cache.close();
  directory.remove();
});

/** What is remembered in the cache, and in checkpoints that say when a pool was first made. */
function remember(...madeSince: (string | undefined)[]): FirstRuns {
  const checkpoints = madeSince.map(
    (since) =>
      ({
        manifest: { pools: [{ identity: pool.identity, madeSince: since }] },
      }) as unknown as Checkpoint,
  );
  return new FirstRuns(cache, [], checkpoints, [pool.identity]);
}

/** A run that makes objects. */
async function run(nowMs: number, startOver?: () => void): Promise<number | undefined> {
  const runs = remember();
  runs.attached(pool);
  startOver?.();
  runs.begin(pool, nowMs);
  await runs.save(pool.identity);
  return runs.begunAtMs(pool.identity);
}

describe('FirstRuns', () => {
  it('keeps when the first run began, whatever follows', async () => {
    expect(await run(EARLY_MS)).toBe(EARLY_MS);
    expect(await run(LATE_MS)).toBe(EARLY_MS);
    expect(remember().begunAt(pool.identity)).toBe('2026-01-01T00:00:00.000Z');
  });

  it('takes the earliest of what caches and checkpoints say', async () => {
    await run(LATE_MS);
    const early = new Date(EARLY_MS).toISOString();
    expect(remember(undefined, early, 'nonsense').begunAtMs(pool.identity)).toBe(EARLY_MS);
  });

  it('takes what another agent says, if that is earlier, and remembers it', async () => {
    await run(LATE_MS);
    const runs = remember();
    runs.learn(pool.identity, new Date(EARLY_MS).toISOString());
    pool.states.set(0, 'created');
    runs.attached(pool);
    await runs.save(pool.identity);
    expect(remember().begunAtMs(pool.identity)).toBe(EARLY_MS);
  });

  it('knows nothing any more where another agent tells of objects, but not since when they are made', async () => {
    await run(LATE_MS);
    const runs = remember();
    runs.learn(pool.identity, undefined);
    pool.states.set(0, 'created');
    runs.attached(pool);
    await runs.save(pool.identity);
    expect(runs.begunAtMs(pool.identity)).toBeUndefined();
    expect(remember().begunAtMs(pool.identity)).toBeUndefined();
  });

  it.each(['creating', 'created', 'failed', 'deleted'] as const)(
    'does not take a run for the first where an object was %s before',
    async (state) => {
      pool.states.set(2, state);
      const startOver = (): unknown => pool.states.replace(state, 'planned');
      expect(await run(LATE_MS, startOver)).toBeUndefined();
    },
  );

  it('does not take a run for the first where something known is in doubt', async () => {
    pool.remember();
    expect(await run(LATE_MS)).toBeUndefined();
  });

  it('does not take a run for the first that finds objects, which a forgotten one may have made', async () => {
    pool.states.set(2, 'found');
    expect(await run(LATE_MS)).toBeUndefined();
  });

  it('knows nothing of what it has forgotten', async () => {
    await run(EARLY_MS);
    await remember().forget(pool.identity);
    expect(remember().begunAtMs(pool.identity)).toBeUndefined();
  });
});
