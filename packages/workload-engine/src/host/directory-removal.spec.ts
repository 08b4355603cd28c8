import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { type ErrorGroup, failureGroup } from '../stage/error-journal.ts';
import type { WorkerEvent } from '../worker/worker-messages.ts';
import { removeDirectories } from './directory-removal.ts';
import type { FleetWorker } from './worker-fleet.ts';

const notEmpty = new BenchError('not empty', { code: 'FILE_ENOTEMPTY', class: 'config' });
const left = (key: string): ErrorGroup => failureGroup(notEmpty, 'RMDIR', 'file:///x/', key, 0);

/** Workers that have directories left, attempt by attempt. */
function fleetOf(...attempts: string[][][]) {
  const workers = (attempts[0] ?? []).map((_, index) => ({ index }) as unknown as FleetWorker);
  const asked = workers.map(() => 0);
  return {
    workers,
    listen: () => () => undefined,
    ask: async (worker: FleetWorker): Promise<WorkerEvent & { request: number }> => {
      const index = workers.indexOf(worker);
      const attempt = asked[index] ?? 0;
      asked[index] = attempt + 1;
      const keys = attempts[Math.min(attempt, attempts.length - 1)]?.[index] ?? [];
      return { type: 'directories-removed', request: 0, left: keys.map(left) };
    },
  };
}

/** Removes them on a clock that goes on with each look: by 0.3 s alone on the storage, by 2 s with others. */
async function remove(fleet: ReturnType<typeof fleetOf>, aloneOnStorage: boolean) {
  let nowMs = 0;
  const left = await removeDirectories({
    ...{ fleet, aloneOnStorage },
    stopped: () => false,
    onProgress: () => undefined,
    nowMs: () => (nowMs += aloneOnStorage ? 300 : 2_000),
  });
  return { left: left.map(({ key }) => key), nowMs };
}

describe('directories of several workers', () => {
  it('are counted once, whoever made a part of the way to them', async () => {
    const { left } = await remove(fleetOf([['/a/b', '/a'], ['/a']]), true);
    expect(left).toEqual(['/a/b', '/a']);
  });

  it('are tried again, for one may hold what another worker has yet to remove', async () => {
    expect((await remove(fleetOf([['/a'], []], [[], []]), true)).left).toEqual([]);
  });

  it('are waited for longer where other agents may still delete, and from when that last helped', async () => {
    const two = ['/a', '/b'];
    const alone = await remove(fleetOf([two]), true);
    const withOthers = await remove(fleetOf([two]), false);
    const oneLess = await remove(fleetOf([two], [two], [two], [['/a']]), false);
    expect(alone.left).toEqual(two);
    expect(alone.nowMs).toBeLessThan(3_000);
    expect(withOthers.nowMs).toBeGreaterThan(10_000);
    expect(oneLess.nowMs).toBeGreaterThan(withOthers.nowMs + 5_000);
  });
});
