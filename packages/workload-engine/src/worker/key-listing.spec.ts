import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allocateTraffic, ObjectClient, openStore } from '@sai3bench/object-store';
import { type FaultRule, startS3TestServer } from '@sai3bench/s3-test-server';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import type { AgentPlan } from '@sai3bench/workload-config';
import { KeyList } from '../memory/key-list.ts';
import { allocateRunMemory, allocateWorkerMemory } from '../memory/run-memory.ts';
import { putNamePrefix } from '../selection/put-names.ts';
import { StoreGroup } from '../store-group.ts';
import { planOf } from '../testing/run-plan.ts';
import { KeyListing } from './key-listing.ts';

let directory: TemporaryDirectory;
let env: Readonly<Record<string, string>> = {};

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

function write(...keys: string[]): void {
  for (const key of keys) {
    mkdirSync(join(directory.path, key, '..'), { recursive: true });
    writeFileSync(join(directory.path, key), key);
  }
}

/** Lists for some entries of a workload; every look at the clock takes a second. */
async function list(
  plan: AgentPlan,
  entries: readonly number[],
  onProgress: (seen: number) => void = () => undefined,
): Promise<(readonly [number, string[]])[]> {
  let seconds = 0;
  const nowNs = (): number => ++seconds * 1e9;
  const memory = allocateRunMemory(plan);
  const own = allocateWorkerMemory(plan);
  const stores = await Promise.all(
    plan.stores.map((store, index) =>
      StoreGroup.open(
        store,
        {
          board: memory.endpointBoards[index] ?? new SharedArrayBuffer(0),
          counters: own.endpointCounters[index] ?? new SharedArrayBuffer(0),
          latencies: own.endpointLatencies[index] ?? new SharedArrayBuffer(0),
          traffic: own.traffic[index] ?? allocateTraffic(0),
        },
        { nowNs, maxInFlight: 1, fileMode: 'async', env, startAt: 0, random: () => 0 },
      ),
    ),
  );
  const listing = new KeyListing({ nowNs, stores, pools: [], setup: { plan } }, onProgress);
  const listed = await listing.list(entries);
  for (const store of stores) store.close();
  return listed.map(([entry, keys]) => [entry, [...new KeyList(keys)]]);
}

describe('KeyListing', () => {
  it('lists what matches, in order', async () => {
    write('old/b.bin', 'old/deep/a.bin', 'old/a.bin', 'old/c.txt', 'other/a.bin');
    const plan = planOf(`
target: file://${directory.path}/
workload:
  - {op: get, path: "old/**.bin", weight: 1}
  - {op: stat, path: "old/*.txt", weight: 1}
`);
    expect(await list(plan, [0, 1])).toEqual([
      [0, ['old/a.bin', 'old/b.bin', 'old/deep/a.bin']],
      [1, ['old/c.txt']],
    ]);
  });

  it('leaves out what the run has put where reads pick that by its number', async () => {
    const plan = planOf(`
target: file://${directory.path}/
dynamic_put_pool: true
workload:
  - {op: put, path: new/, object_size: 1, weight: 1}
  - {op: get, path: "new/*", weight: 1}
`);
    const put = [0, 1].map((agent) => `new/${putNamePrefix('testrun', agent, 0, 5)}17`);
    write('new/before', ...put);
    expect(await list(plan, [1])).toEqual([[1, ['new/before']]]);
  });

  it('tells how many objects it has seen', async () => {
    write(...Array.from({ length: 600 }, (_, index) => `old/${String(index)}`));
    const plan = planOf(`
target: file://${directory.path}/
workload: [{op: get, path: "old/*7", weight: 1}]
`);
    const seen: number[] = [];
    const [[, keys] = [0, []]] = await list(plan, [0], (objects) => seen.push(objects));
    expect(keys).toHaveLength(60);
    expect(seen).toEqual([256, 512]);
  });

  it.each<[string, FaultRule['fault']]>([
    ['is too busy for a while', { kind: 'error', code: 'SlowDown' }],
    ['breaks off', { kind: 'cut', afterBytes: 50, from: 'body', end: 'close' }],
  ])('lists once more when the only endpoint %s', async (_, fault) => {
    const server = await startS3TestServer({ buckets: ['bucket'] });
    env = server.env;
    try {
      const address = `s3://${server.host}/bucket/`;
      const writer = await openStore(address, {
        nowNs: () => 0,
        maxInFlight: 1,
        fileMode: 'async',
        env,
      });
      await new ObjectClient(writer).put('old/a', Buffer.from('a'));
      writer.close();
      server.faults.add({ match: { operation: 'ListObjectsV2', times: 1 }, fault });
      const plan = planOf(`
target: ${address}
workload: [{op: get, path: "old/*", weight: 1}]
`);
      expect(await list(plan, [0])).toEqual([[0, ['old/a']]]);
    } finally {
      env = {};
      await server.stop();
    }
  });

  it('says so when nothing matches', async () => {
    const plan = planOf(`
target: file://${directory.path}/
workload: [{op: get, path: "old/*7", weight: 1}]
`);
    await expect(list(plan, [0])).rejects.toMatchObject({ code: 'NO_MATCHING_OBJECTS' });
  });
});
