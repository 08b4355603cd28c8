import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type StageRecord, type TestHost } from '../testing/run-plan.ts';

const COUNT = 200;

const suite = hostSuite();

beforeEach(() => {
  mkdirSync(join(suite.path, 'data'));
});

/** What a run has left and said. */
interface Run {
  readonly host: TestHost;
  readonly prepare: StageRecord | undefined;
}

/** Prepares a dataset, and ends as a run does. */
async function prepare(more = '', startOver = false): Promise<Run> {
  const host = await suite.open(
    planOf(`
target: file://${suite.path}/data/
concurrency: 2
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: {type: uniform, min: 1, max: 5000}}]${more}}
distributed: {kv_cache_dir: ${suite.path}/cache, stages: [{name: fill, order: 1, type: prepare}]}
`),
  );
  host.startOver = startOver;
  const [record] = await host.runStages();
  return { host, prepare: record };
}

async function prepareAndClose(more = '', startOver = false): Promise<Run> {
  const run = await prepare(more, startOver);
  await run.host.close();
  return run;
}

function objects(): string[] {
  return readdirSync(join(suite.path, 'data')).filter((name) => name.startsWith('prepared-'));
}

function objectAt(index: number): string {
  return join(suite.path, 'data', `prepared-${String(index).padStart(8, '0')}.dat`);
}

function forgetCheckpoint(): void {
  rmSync(join(suite.path, 'data', '.sai3-cache-agent-1.tar.zst'), { force: true });
}

function forgetCache(): void {
  rmSync(join(suite.path, 'cache'), { recursive: true, force: true });
}

describe('a prepare stage', () => {
  it('makes everything where there is nothing', async () => {
    const { host, prepare } = await prepareAndClose();
    expect(host.found).toEqual([{ existing: 0, missing: COUNT }]);
    expect(prepare?.report).toMatchObject({ tasksDone: COUNT, tasksExisted: 0 });
    expect(objects()).toHaveLength(COUNT);
  });

  it('makes nothing again that its cache knows', async () => {
    await prepareAndClose();
    const { host, prepare } = await prepareAndClose();
    expect(host.found).toEqual([{ existing: COUNT, missing: 0 }]);
    expect(prepare?.report).toMatchObject({
      outcome: 'completed',
      tasksDone: 0,
      tasksTotal: 0,
      tasksExisted: COUNT,
    });
  });

  it('looks what is there when its cache is lost, by the checkpoint in the storage', async () => {
    await prepareAndClose();
    forgetCache();
    const { host } = await prepareAndClose();
    expect(host.found).toEqual([{ existing: COUNT, missing: 0 }]);
    expect(host.notices).toEqual([]);
  });

  it('looks object by object when cache and checkpoint are lost', async () => {
    await prepareAndClose();
    forgetCache();
    forgetCheckpoint();
    rmSync(objectAt(7));
    const { host } = await prepareAndClose();
    expect(host.found).toEqual([{ existing: COUNT - 1, missing: 1 }]);
    expect(objects()).toHaveLength(COUNT);
  });

  it('says so and looks again when the storage was emptied behind its back', async () => {
    await prepareAndClose();
    for (const name of objects()) rmSync(join(suite.path, 'data', name));
    const { host } = await prepareAndClose();
    expect(host.notices[0]).toMatch(/The cache does not fit the storage \(.*is not there\)/);
    expect(host.found).toEqual([{ existing: 0, missing: COUNT }]);
    expect(objects()).toHaveLength(COUNT);
  });

  it('still knows whose objects are that it had to look for again', async () => {
    await prepareAndClose();
    rmSync(objectAt(COUNT - 1));
    await prepareAndClose();
    const host = await suite.open(
      planOf(`
target: file://${suite.path}/data/
prepare: {cleanup_only: true, ensure_objects: [{count: ${String(COUNT)}, size_spec: {type: uniform, min: 1, max: 5000}}]}
distributed: {kv_cache_dir: ${suite.path}/cache}
`),
    );
    const wiped = (await host.runStages()).at(-1);
    await host.close();
    expect(wiped?.report).toMatchObject({ outcome: 'completed', tasksDone: COUNT });
    expect(readdirSync(join(suite.path, 'data'))).toEqual([]);
  });

  it('leaves no directory of a tree that an earlier run has made, but those with something in them', async () => {
    const yaml = (more: string): string => `
target: file://${suite.path}/data/
prepare: {${more}directory_structure: {width: 3, depth: 2, files_per_dir: 4}, ensure_objects: [{size_spec: 10}]}
distributed: {kv_cache_dir: ${suite.path}/cache}
`;
    const run = async (more: string): Promise<void> => {
      const host = await suite.open(planOf(yaml(more)));
      await host.runStages();
      await host.close();
    };
    await run('');
    const tree = join(suite.path, 'data');
    writeFileSync(join(tree, 'sai3bench.d1_w2.dir', 'foreign'), 'not ours');
    await run('cleanup_only: true, ');
    expect(readdirSync(tree, { recursive: true })).toEqual([
      'sai3bench.d1_w2.dir',
      'sai3bench.d1_w2.dir/foreign',
    ]);
  });

  it('leaves objects alone in cleanup that somebody else has made', async () => {
    writeFileSync(objectAt(3), 'somebody else made this');
    await prepareAndClose();
    const host = await suite.open(
      planOf(`
target: file://${suite.path}/data/
prepare: {cleanup_only: true, ensure_objects: [{count: ${String(COUNT)}, size_spec: {type: uniform, min: 1, max: 5000}}]}
distributed: {kv_cache_dir: ${suite.path}/cache}
`),
    );
    await host.runStages();
    await host.close();
    expect(objects()).toEqual(['prepared-00000003.dat']);
  });

  it('leaves objects of another size as they are, and says so', async () => {
    writeFileSync(objectAt(3), 'somebody else made this');
    const { host } = await prepareAndClose();
    expect(host.found).toEqual([{ existing: 1, missing: COUNT - 1 }]);
    expect(host.notices[0]).toContain('1 objects are there with another size');
    expect(statSync(objectAt(3)).size).toBe(23);
  });

  it('makes everything anew when it is told to start over', async () => {
    await prepareAndClose();
    writeFileSync(objectAt(3), 'somebody else made this');
    const { host, prepare } = await prepareAndClose('', true);
    expect(host.found).toEqual([{ existing: 0, missing: COUNT }]);
    expect(prepare?.report.tasksDone).toBe(COUNT);
    expect(statSync(objectAt(3)).size).not.toBe(23);
  });

  it('takes everything to be there when verification is skipped', async () => {
    const { host } = await prepareAndClose(', skip_verification: true');
    expect(host.found).toEqual([{ existing: COUNT, missing: 0 }]);
    expect(objects()).toHaveLength(0);
  });

  it('goes on where its process was killed', async () => {
    const { host } = await prepare();
    await host.kill();
    const resumed = await prepareAndClose();
    const [found] = resumed.host.found;
    expect((found?.existing ?? 0) + (found?.missing ?? 0)).toBe(COUNT);
    expect(resumed.prepare?.report.tasksDone).toBe(found?.missing);
    expect(objects()).toHaveLength(COUNT);
  });

  it('knows an earlier dataset that has grown since', async () => {
    await prepareAndClose();
    const host = await suite.open(
      planOf(`
target: file://${suite.path}/data/
prepare: {ensure_objects: [{count: ${String(2 * COUNT)}, size_spec: {type: uniform, min: 1, max: 5000}}]}
distributed: {kv_cache_dir: ${suite.path}/cache, stages: [{name: fill, order: 1, type: prepare}]}
`),
    );
    await host.runStages();
    await host.close();
    expect(host.found[0]?.existing).toBe(COUNT);
    expect(objects()).toHaveLength(2 * COUNT);
  });

  it('is refused while another run has the dataset', async () => {
    await prepare();
    await expect(prepare()).rejects.toMatchObject({ record: { code: 'CACHE_IN_USE' } });
  });
});
