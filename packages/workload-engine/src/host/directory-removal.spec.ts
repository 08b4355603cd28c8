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
    ask: async (worker: FleetWorker): Promise<WorkerEvent & { request: number }> => {
      const index = workers.indexOf(worker);
      const attempt = asked[index] ?? 0;
      asked[index] = attempt + 1;
      const keys = attempts[Math.min(attempt, attempts.length - 1)]?.[index] ?? [];
      return { type: 'directories-removed', request: 0, left: keys.map(left) };
    },
  };
}

describe('directories of several workers', () => {
  it('are counted once, whoever made a part of the way to them', async () => {
    const fleet = fleetOf([['/a/b', '/a'], ['/a']]);
    const groups = await removeDirectories(fleet, () => true);
    expect(groups.map(({ key }) => key)).toEqual(['/a/b', '/a']);
  });

  it('are tried again, for one may hold what another worker has yet to remove', async () => {
    expect(await removeDirectories(fleetOf([['/a'], []], [[], []]), () => false)).toEqual([]);
  });
});
