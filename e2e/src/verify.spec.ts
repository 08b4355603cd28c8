import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { agentsOption, runController, startAgent } from './support/programs.ts';
import { readResult } from './support/tables.ts';
import { inWorkspace } from './support/workspace.ts';

/** How often each kind of finding was said, whichever agent said it. */
function findings(output: string): Record<string, number> {
  const said = output.matchAll(
    /(\d+) (missing|of another length|with other content|not readable) \(/g,
  );
  const counts: Record<string, number> = {};
  for (const [, count, kind = ''] of said) counts[kind] = (counts[kind] ?? 0) + Number(count);
  return counts;
}

describe('sai3bench-ctl verify', () => {
  it('tells a corrupted, a truncated and a missing object apart on S3, with two agents and no right to write', async () => {
    const options = { buckets: ['bucket'], anonymous: true };
    const servers = await Promise.all([startS3TestServer(options), startS3TestServer(options)]);
    const [one, two] = servers;
    const agents = await Promise.all([startAgent(one.env), startAgent(one.env)]);
    try {
      await inWorkspace(async (workspace) => {
        const config = workspace.workload(
          'check.yaml',
          `multi_endpoint:
  namespace: separate
  endpoints: ["s3://${one.host}/bucket/", "s3://${two.host}/bucket/"]
concurrency: 8
prepare:
  ensure_objects:
    - {base_uri: a/, count: 300, size_spec: {type: uniform, min: 1000, max: 200000}}
    - {base_uri: b/, count: 100, size_spec: 5000}
distributed: {kv_cache_dir: ${workspace.path}/cache}
`,
        );
        const command = (name: string): Promise<{ exitCode: unknown; output: string }> =>
          runController(workspace.path, [
            ...agentsOption(...agents),
            ...[name, '--config', config, '--start-delay', '0'],
          ]);
        expect((await command('run')).exitCode).toBe(0);
        for (const { faults } of servers) {
          for (const operation of ['PutObject', 'DeleteObject', 'DeleteObjects'] as const) {
            faults.add({ match: { operation }, fault: { kind: 'error', code: 'AccessDenied' } });
          }
        }
        const right = await command('verify');
        expect(right.output).toContain('Everything is as it was written: 400 objects');
        expect(right.exitCode).toBe(0);
        const written = (): number[] =>
          servers.map((server) => {
            const { byOperation } = server.stats().requests;
            return byOperation.PutObject + byOperation.DeleteObject + byOperation.DeleteObjects;
          });
        for (const { faults } of servers) faults.clear();
        for (const { url } of servers) {
          await fetch(`${url}/bucket/a/prepared-00000010.dat`, { method: 'DELETE' });
          await fetch(`${url}/bucket/b/prepared-00000020.dat`, { method: 'PUT', body: 'short' });
        }
        for (const { faults } of servers) {
          faults.add({
            match: { operation: 'GetObject', key: 'a/prepared-00000299.dat' },
            fault: { kind: 'corrupt' },
          });
        }
        const before = written();
        const wrong = await command('verify');
        expect(wrong.exitCode).toBe(1);
        expect(written()).toEqual(before);
        expect(findings(wrong.output)).toEqual({
          missing: 1,
          'of another length': 1,
          'with other content': 1,
        });
        for (const name of ['a/prepared-00000010', 'b/prepared-00000020', 'a/prepared-00000299']) {
          expect(wrong.output).toContain(`(${name}.dat)`);
        }
        const results = workspace.results().at(-1) ?? '';
        expect(readResult(results, 'STATUS.txt')).toContain('TEST STATUS: FAILURE');
        expect(JSON.parse(readResult(results, 'metadata.json'))).toMatchObject({
          stages: [{ kind: 'validation' }, { kind: 'verify', operations: 397, errors: 3 }],
        });
      });
    } finally {
      await Promise.all(agents.map((agent) => agent.stop()));
      await Promise.all(servers.map((server) => server.stop()));
    }
  });

  it('tells them apart on files, without a cache, and leaves the files alone', async () => {
    await inWorkspace(async (workspace) => {
      const data = join(workspace.path, 'data');
      mkdirSync(data);
      const config = workspace.workload(
        'check.yaml',
        `target: file://${data}/
concurrency: 4
enable_metadata_cache: false
prepare: {ensure_objects: [{count: 200, size_spec: {type: uniform, min: 100, max: 20000}}]}
`,
      );
      const command = (name: string): ReturnType<typeof runController> =>
        runController(workspace.path, [name, '--config', config, '--start-delay', '0']);
      expect((await command('run')).exitCode).toBe(0);
      const name = (number: number): string =>
        join(data, `prepared-${String(number).padStart(8, '0')}.dat`);
      rmSync(name(3));
      truncateSync(name(4), 50);
      const bytes = readFileSync(name(5));
      writeFileSync(name(5), bytes.with(0, (bytes[0] ?? 0) ^ 0xff));
      const before = readdirSync(data);
      const { exitCode, output } = await command('verify');
      expect(exitCode).toBe(1);
      expect(findings(output)).toEqual({
        missing: 1,
        'of another length': 1,
        'with other content': 1,
      });
      expect(readdirSync(data)).toEqual(before);
    });
  });

  it('refuses a workload that prepares nothing', async () => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload(
        'none.yaml',
        `target: file://${workspace.path}/\nduration: 1s\nworkload: [{op: get, path: x, weight: 1}]\n`,
      );
      const { exitCode, output } = await runController(workspace.path, [
        ...['verify', '--config', config],
      ]);
      expect(exitCode).toBe(2);
      expect(output).toContain('has no prepared objects that could be verified');
    });
  });
});
