import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ErrorGroup } from '../stage/error-journal.ts';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, stageList, type StageRecord, type TestHost } from '../testing/run-plan.ts';

const suite = hostSuite();

async function openHost(mix: string, concurrency: number, operations: number): Promise<TestHost> {
  return suite.open(
    planOf(`
target: file://${suite.path}/data/
concurrency: ${String(concurrency)}
prepare:
  directory_structure: {width: 5, depth: 2, files_per_dir: 4}
  ensure_objects: [{base_uri: tree/, size_spec: 1KiB}]
workload: [${mix}]
distributed: {stages: ${stageList('prepare', operations, 'cleanup')}}
`),
    2,
  );
}

/** Directories of the last level below a directory of the data. */
function leavesBelow(path: string): number {
  const at = join(suite.path, 'data/tree', path);
  const entries = existsSync(at) ? readdirSync(at, { recursive: true, withFileTypes: true }) : [];
  return entries.filter((entry) => entry.isDirectory() && entry.name.includes('d2_')).length;
}

const countOf = (record: StageRecord | undefined, operation: 'MKDIR' | 'RMDIR' | 'GET'): number =>
  record?.stats.ofOperation(operation).operations ?? 0;
/** What failed in stages, so that a failed test tells it. */
const errorsOf = (records: readonly StageRecord[]): readonly ErrorGroup[] =>
  records.flatMap(({ report }) => report.errors);

describe('directories that the mix makes and removes', () => {
  // Blocking calls for a few operations in flight, asynchronous ones for many.
  it.each([4, 100])(
    'are there exactly as far as they have been made and not removed, with %d operations in flight',
    async (concurrency) => {
      const host = await openHost(
        '{op: mkdir, path: tree/, weight: 1}, {op: rmdir, path: tree/, weight: 1}, {op: get, path: tree/, weight: 1}',
        concurrency,
        1_000,
      );
      const records = await host.runStages([0]);
      const executed = await host.runStages([1]);
      const removed = countOf(executed[0], 'RMDIR');
      expect(removed).toBeGreaterThan(0);
      expect(leavesBelow('dir_testrun')).toBe(countOf(executed[0], 'MKDIR') - removed);
      const cleaned = await host.runStages([2]);
      expect(errorsOf([...records, ...executed, ...cleaned])).toEqual([]);
      await host.close();
      expect(existsSync(join(suite.path, 'data'))).toBe(false);
    },
  );

  it('leave the mix when all of them are there', async () => {
    const host = await openHost(
      '{op: mkdir, path: tree/, weight: 1}, {op: get, path: tree/, weight: 1}',
      2,
      100,
    );
    const records = await host.runStages([0, 1]);
    expect(countOf(records[1], 'MKDIR')).toBe(25);
    expect(leavesBelow('dir_testrun')).toBe(25);
    expect(countOf(records[1], 'GET')).toBe(75);
    expect(errorsOf(records)).toEqual([]);
    await host.close();
  });
});

describe('directories with prepared files', () => {
  it.each([3, 100])(
    'are removed with what is in them, and no file that is read is missing, with %d operations in flight',
    async (concurrency) => {
      const host = await openHost(
        '{op: rmdir, path: tree/, weight: 1, recursive: true}, {op: get, path: tree/deletable/, weight: 2}, {op: get, path: tree/, weight: 2}',
        concurrency,
        1_000,
      );
      const prepared = await host.runStages([0]);
      expect(leavesBelow('deletable')).toBe(25);
      const executed = await host.runStages([1]);
      expect(countOf(executed[0], 'RMDIR')).toBeGreaterThan(0);
      expect(leavesBelow('deletable')).toBe(25 - countOf(executed[0], 'RMDIR'));
      const cleaned = await host.runStages([2]);
      expect(errorsOf([...prepared, ...executed, ...cleaned])).toEqual([]);
      await host.close();
      expect(existsSync(join(suite.path, 'data'))).toBe(false);
    },
  );
});
