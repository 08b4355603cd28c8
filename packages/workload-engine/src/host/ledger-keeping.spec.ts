import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type StageRecord, type TestHost } from '../testing/run-plan.ts';

const suite = hostSuite();

beforeEach(() => {
  mkdirSync(join(suite.path, 'data'));
});

/** Runs a workload to its end. */
async function run(yaml: string): Promise<{ host: TestHost; stages: readonly StageRecord[] }> {
  const host = await suite.open(planOf(yaml));
  const stages = await host.runStages();
  await host.close();
  return { host, stages };
}

/** A workload about the files of one dataset. */
function files(prepare: string, stages = ''): string {
  return `
target: file://${suite.path}/data/
duration: 1s
concurrency: 2
prepare: {${prepare}}
distributed: {kv_cache_dir: ${suite.path}/cache${stages}}
`;
}

const EXECUTE_ONLY = ', stages: [{name: execute, order: 1, type: execute, duration: 1s}]';

describe('a run without a clean-up', () => {
  it('keeps the checkpoint of a dataset that it cannot know, and empty directories', async () => {
    const tree =
      'directory_structure: {width: 2, depth: 2, files_per_dir: 3}, ensure_objects: [{base_uri: t/, size_spec: 10}]';
    await run(files(tree));
    const tops = join(suite.path, 'data', 't');
    const empty = join(tops, 'sai3bench.d1_w1.dir', 'sai3bench.d2_w1.dir');
    for (const name of readdirSync(empty)) rmSync(join(empty, name));
    rmSync(join(suite.path, 'cache'), { recursive: true });
    const before = readdirSync(tops);
    await run(
      `${files(`${tree}, skip_verification: true`, EXECUTE_ONLY)}
enable_metadata_cache: false
workload: [{op: put, path: other/, object_size: 10, weight: 1}]
`,
    );
    expect(existsSync(empty)).toBe(true);
    expect(readdirSync(tops)).toEqual(before);
  });
});

describe('the clean-up of one dataset', () => {
  it('forgets nothing of another at the same target', async () => {
    const one = 'ensure_objects: [{base_uri: one/, count: 50, size_spec: 10}]';
    await run(files(one));
    await run(files('cleanup: true, ensure_objects: [{base_uri: two/, count: 20, size_spec: 10}]'));
    // Not from the checkpoint.
    for (const name of readdirSync(join(suite.path, 'data', 'one'))) {
      if (name.startsWith('.sai3')) rmSync(join(suite.path, 'data', 'one', name));
    }
    const { stages } = await run(files(`cleanup_only: true, ${one}`));
    expect(stages.at(-1)?.report).toMatchObject({ outcome: 'completed', tasksDone: 50 });
  });
});
