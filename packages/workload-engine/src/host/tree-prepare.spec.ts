import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type StageRecord, type TestHost } from '../testing/run-plan.ts';

const suite = hostSuite();

async function openHost(yaml: string): Promise<TestHost> {
  return suite.open(planOf(`${yaml}\ndistributed: {kv_cache_dir: ${suite.path}/cache}\n`), 2);
}

/** All that lies below a directory, but for the checkpoint: directories and files. */
function entriesBelow(path: string): { directories: string[]; files: string[] } {
  const entries = readdirSync(join(suite.path, path), { recursive: true, withFileTypes: true });
  const pathsOf = (wanted: boolean): string[] =>
    entries.flatMap((entry) =>
      entry.isDirectory() === wanted && !entry.name.startsWith('.sai3')
        ? [join(entry.parentPath, entry.name)]
        : [],
    );
  return { directories: pathsOf(true), files: pathsOf(false) };
}

function countOf(record: StageRecord | undefined, operation: 'MKDIR' | 'PUT'): number {
  return record?.stats.ofOperation(operation).operations ?? 0;
}

function treeIn(target: string, filesPerDirectory: number, more = ''): string {
  return `
${target}
concurrency: 4
prepare:
  directory_structure: {width: 4, depth: 2, files_per_dir: ${String(filesPerDirectory)}}
  ensure_objects: [{base_uri: tree/, size_spec: 100}]
  ${more}`;
}

describe('a prepare stage on files', () => {
  it('makes the directories of a tree before the files, and never again', async () => {
    const yaml = treeIn(`target: file://${suite.path}/data/`, 3);
    const host = await openHost(yaml);
    const record = (await host.runStages()).at(-1);
    expect(record?.report).toMatchObject({ outcome: 'completed', tasksDone: 48, tasksTotal: 48 });
    expect([countOf(record, 'MKDIR'), countOf(record, 'PUT')]).toEqual([20, 48]);
    expect(record?.progress.at(-1)).toMatchObject({ directoriesDone: 20, directoriesTotal: 20 });
    const { directories, files } = entriesBelow('data/tree');
    expect([directories.length, files.length]).toEqual([20, 48]);
    const born = (path: string): bigint => statSync(path, { bigint: true }).birthtimeNs;
    const firstFile = files.map(born).reduce((one, other) => (one < other ? one : other));
    expect(directories.filter((path) => born(path) > firstFile)).toEqual([]);
    await host.close();
    const again = await openHost(yaml);
    const rest = (await again.runStages()).at(-1);
    expect([countOf(rest, 'MKDIR'), countOf(rest, 'PUT')]).toEqual([0, 0]);
  });

  it('makes a tree without files, which cleanup removes', async () => {
    const host = await openHost(treeIn(`target: file://${suite.path}/data/`, 0, 'cleanup: true'));
    const [, prepare] = await host.runStages([0, 1]);
    expect(prepare?.report.outcome).toBe('completed');
    expect(entriesBelow('data/tree').directories).toHaveLength(20);
    const [cleanup] = await host.runStages([2]);
    expect(cleanup?.report.outcome).toBe('completed');
    await host.close();
    expect(existsSync(join(suite.path, 'data'))).toBe(false);
  });

  it('makes every directory at each endpoint that has objects of its own', async () => {
    const endpoints = ['one', 'two'].map((name) => `"file://${suite.path}/${name}/"`).join(', ');
    const host = await openHost(
      treeIn(`multi_endpoint: {namespace: separate, endpoints: [${endpoints}]}`, 5),
    );
    const record = (await host.runStages()).at(-1);
    expect([countOf(record, 'MKDIR'), countOf(record, 'PUT')]).toEqual([40, 80]);
    for (const name of ['one', 'two']) {
      expect(entriesBelow(`${name}/tree`).directories).toHaveLength(20);
    }
  });

  it('says which directory it could not make', async () => {
    writeFileSync(join(suite.path, 'data'), 'a file where the directory should be');
    const host = await openHost(treeIn(`target: file://${suite.path}/data/`, 0));
    const record = (await host.runStages([1])).at(-1);
    expect(record?.report).toMatchObject({ outcome: 'failed', failure: { class: 'config' } });
    expect(record?.report.errors).toMatchObject([{ operation: 'MKDIR', code: 'FILE_ENOTDIR' }]);
  });
});

describe('a prepare stage on S3', () => {
  it('makes no directories', async () => {
    const server = await startS3TestServer({ buckets: ['bucket'] });
    const before = { ...process.env };
    Object.assign(process.env, server.env);
    try {
      const host = await openHost(treeIn(`target: s3://${server.host}/bucket/`, 3));
      const record = (await host.runStages()).at(-1);
      expect(record?.report.outcome).toBe('completed');
      expect([countOf(record, 'MKDIR'), countOf(record, 'PUT')]).toEqual([0, 48]);
      await host.close();
    } finally {
      process.env = before;
      await server.stop();
    }
  });
});
