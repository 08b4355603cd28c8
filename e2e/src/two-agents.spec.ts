import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AGENT_RESULT_COLUMNS,
  OPERATION_COLUMNS,
  parseTsv,
  PERF_COLUMNS,
} from '@sai3bench/results-dir';
import {
  DEFAULT_CREDENTIALS,
  type S3TestServer,
  startS3TestServer,
} from '@sai3bench/s3-test-server';
import { type Agent, agentsOption, runController, startAgent } from './support/programs.ts';
import { agentsOf, countOf, readResult, stageRows } from './support/tables.ts';
import { golden, normalize } from './support/transcript.ts';
import { inWorkspace } from './support/workspace.ts';

const PUT_4K = 'workload: [{op: put, path: new/, object_size: 4KiB, weight: 1}]';

let s3: S3TestServer;
let agents: Agent[] = [];

beforeAll(async () => {
  s3 = await startS3TestServer({ buckets: ['bucket'] });
  agents = await Promise.all([startAgent(s3.env), startAgent(s3.env)]);
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await s3.stop();
});

/** Everything in the bucket below a prefix, listed with the AWS SDK. */
async function listObjects(prefix: string): Promise<string[]> {
  const client = new S3Client({
    endpoint: `http://${s3.host}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: DEFAULT_CREDENTIALS,
  });
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: 'bucket', Prefix: prefix, ContinuationToken: token }),
    );
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  client.destroy();
  return keys;
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}

describe('two agents that put 4 KiB objects for two seconds', () => {
  it('to files: every object is counted, every file of the results is there', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload(
        'distributed_put_test.yaml',
        `target: file://${workspace.path}/data/\nconcurrency: 4\nduration: 2s\n${PUT_4K}\n`,
      );
      const { exitCode, output } = await runController(workspace.path, [
        ...agentsOption(...agents),
        ...['run', '--config', config, '--start-delay', '1'],
      ]);
      expect(exitCode).toBe(0);
      const [results = ''] = workspace.results();
      expect(results).toMatch(/sai3-\d{8}-\d{4}-distributed_put_test$/);
      expect(output.trimEnd().split('\n').at(-1)).toBe(`Results saved to: ${results}`);

      const files = filesBelow(join(workspace.path, 'data'));
      expect(files.length).toBeGreaterThan(0);
      expect(files.every((file) => statSync(file).size === 4096)).toBe(true);
      expect(countOf(results, '02_execute_results.tsv', 'PUT')).toBe(files.length);

      expect(readdirSync(results).toSorted()).toEqual([
        ...['01_preflight_results.tsv', '02_execute_results.tsv', 'STATUS.txt', 'agents'],
        ...['config.yaml', 'console.log', 'metadata.json', 'perf_log.tsv', 'preflight.tsv'],
      ]);
      expect(agentsOf(results)).toEqual(['agent-1', 'agent-2']);
      for (const agent of agentsOf(results)) {
        expect(readdirSync(join(results, 'agents', agent)).toSorted()).toEqual([
          ...['console.log', 'errors.tsv', 'metadata.json', 'perf_log.tsv', 'results.tsv'],
        ]);
        expect(readResult(results, `agents/${agent}/console.log`)).toMatch(
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z {2}INFO /,
        );
      }
      expect(readResult(results, 'console.log')).toBe(output);
      expect(readResult(results, 'STATUS.txt')).toContain('TEST STATUS: SUCCESS');
      const sizeBytes = filesBelow(results).reduce((sum, file) => sum + statSync(file).size, 0);
      expect(sizeBytes).toBeLessThan(1_000_000);

      const metadata = JSON.parse(readResult(results, 'metadata.json')) as Record<string, unknown>;
      expect(Object.keys(metadata).toSorted()).toEqual([
        ...['agents', 'command_line', 'config_hash', 'config_path', 'data_seed', 'distributed'],
        ...[
          'duration_secs',
          'end_time',
          'hostname',
          'run_id',
          'stages',
          'start_time',
          'test_name',
          'version',
        ],
      ]);
      expect(metadata).toMatchObject({
        test_name: 'distributed_put_test',
        config_path: config,
        distributed: true,
        agents: agents.map(({ address }, index) => `agent-${String(index + 1)} (${address})`),
      });
      expect(metadata['start_time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d$/);
      expect(metadata['duration_secs']).toBeGreaterThan(1.9);
      const [start, end] = ['start_time', 'end_time'].map((key) =>
        Date.parse(String(metadata[key])),
      );
      expect(metadata['duration_secs']).toBeLessThan(((end ?? NaN) - (start ?? NaN)) / 1000);
    });
  });

  it('to S3: the objects that the AWS SDK lists are those that were counted', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload(
        's3.yaml',
        `target: s3://${s3.host}/bucket/counted/\nconcurrency: 4\nduration: 2s\n${PUT_4K}\n`,
      );
      const { exitCode } = await runController(workspace.path, [
        ...agentsOption(...agents),
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      expect(exitCode).toBe(0);
      const [results = ''] = workspace.results();
      const keys = await listObjects('counted/');
      expect(keys.length).toBeGreaterThan(0);
      expect(countOf(results, '02_execute_results.tsv', 'PUT')).toBe(keys.length);
      expect(stageRows(results, '02_execute_results.tsv')[0]).toMatchObject({
        operation: 'PUT',
        size_bucket: '1B-8KiB',
        avg_bytes: '4096',
      });
    });
  });
});

describe('two agents that prepare, mix and clean up', () => {
  const mixed = (target: string): string => `
target: ${target}
concurrency: 3
duration: 2s
prepare: {ensure_objects: [{base_uri: data/, count: 60, size_spec: 4KiB}], cleanup: true}
workload:
  - {op: get, path: "data/*", weight: 2}
  - {op: put, path: new/, object_size: 1KiB, weight: 1}
  - {op: stat, path: "data/", weight: 1}
distributed: {agents: [], shared_filesystem: true}
`;

  it('leave nothing on files, and a transcript with every section in its order', async () => {
    await inWorkspace(async (workspace) => {
      const target = `file://${workspace.path}/data/`;
      const config = workspace.workload('mixed.yaml', mixed(target));
      const { exitCode, output } = await runController(workspace.path, [
        ...agentsOption(...agents),
        ...['run', '--config', config, '--start-delay', '2'],
      ]);
      expect(exitCode).toBe(0);
      expect(existsSync(join(workspace.path, 'data'))).toBe(false);
      const transcript = normalize(output, { [workspace.path]: 'WORKSPACE' });
      expect(transcript).toBe(golden('success', transcript));
    });
  });

  it('leave nothing in the bucket', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('mixed.yaml', mixed(`s3://${s3.host}/bucket/mixed/`));
      const { exitCode } = await runController(workspace.path, [
        ...agentsOption(...agents),
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      expect(exitCode).toBe(0);
      const [results = ''] = workspace.results();
      expect(await listObjects('mixed/')).toEqual([]);
      expect(countOf(results, '04_cleanup_results.tsv', 'DELETE')).toBe(
        60 + countOf(results, '03_execute_results.tsv', 'PUT'),
      );
    });
  });

  it('leave tables in which the agents add up to the whole, by stage and by second', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('mixed.yaml', mixed(`file://${workspace.path}/data/`));
      const { exitCode } = await runController(workspace.path, [
        ...agentsOption(...agents),
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      expect(exitCode).toBe(0);
      const [results = ''] = workspace.results();
      const ids = agentsOf(results);
      const perAgent = ids.map((id) => parseTsv(readResult(results, `agents/${id}/results.tsv`)));
      const perfLogs = ids.map((id) => parseTsv(readResult(results, `agents/${id}/perf_log.tsv`)));
      const total = parseTsv(readResult(results, 'perf_log.tsv'));
      expect(Object.keys(total[0] ?? {})).toEqual(PERF_COLUMNS.map(({ name }) => name));
      expect(Object.keys(perAgent[0]?.[0] ?? {})).toEqual(
        AGENT_RESULT_COLUMNS.map(({ name }) => name),
      );
      for (const [number, stage] of ['preflight', 'prepare', 'execute', 'cleanup'].entries()) {
        const rows = stageRows(results, `0${String(number + 1)}_${stage}_results.tsv`);
        expect(Object.keys(rows[0] ?? { operation: '' })[0]).toBe(OPERATION_COLUMNS[0]?.name);
        for (const row of rows) {
          for (const column of ['count', 'errors']) {
            const sum = perAgent
              .flat()
              .filter(
                (each) =>
                  each['stage'] === stage &&
                  each['operation'] === row['operation'] &&
                  each['bucket_idx'] === row['bucket_idx'],
              )
              .reduce((all, each) => all + Number(each[column]), 0);
            expect(sum).toBe(Number(row[column]));
          }
        }
        const inStage = (each: Record<string, string>): boolean => each['stage'] === stage;
        const sumOf = (table: Record<string, string>[], column: string): number =>
          table.filter(inStage).reduce((all, each) => all + Number(each[column]), 0);
        for (const kind of ['GET', 'PUT', 'META']) {
          const column = `${kind.toLowerCase()}_ops`;
          const counted = rows
            .filter((row) => row['operation'] === kind && row['size_bucket'] === 'ALL')
            .reduce((all, row) => all + Number(row['count']), 0);
          expect(sumOf(total, column)).toBe(counted);
          expect(sumOf(perfLogs.flat(), column)).toBe(counted);
        }
      }
      const seconds = total
        .filter((row) => row['stage'] === 'execute')
        .map((row) => Number(row['elapsed_s']));
      // Seconds in which a process stood still have one row.
      expect(seconds[0]).toBeGreaterThanOrEqual(1);
      expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    });
  });
});

describe('a controller without agents', () => {
  it('runs the workload with one of its own', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload('null.yaml', `target: "null:"\nduration: 1s\n${PUT_4K}\n`);
      const { exitCode, output } = await runController(workspace.path, [
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      expect(exitCode).toBe(0);
      expect(output).toContain('one local agent');
      const [results = ''] = workspace.results();
      expect(JSON.parse(readResult(results, 'metadata.json'))).toMatchObject({
        distributed: false,
        agents: [expect.stringMatching(/^agent-1 \(127\.0\.0\.1:\d+\)$/)],
      });
      expect(countOf(results, '02_execute_results.tsv', 'PUT')).toBeGreaterThan(0);
    });
  });
});
