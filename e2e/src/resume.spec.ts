import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { agentsOption, runController, startAgent, startController } from './support/programs.ts';
import { readResult } from './support/tables.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

const COUNT = 30_000;

/** A workload that prepares files in a directory of the workspace. */
function fill(workspace: Workspace, more = ''): string {
  mkdirSync(join(workspace.path, 'data'), { recursive: true });
  return workspace.workload(
    'fill.yaml',
    `target: file://${workspace.path}/data/
concurrency: 4
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: {type: uniform, min: 1, max: 2000}}]${more}}
distributed: {shared_filesystem: true, kv_cache_dir: ${workspace.path}/cache}
`,
  );
}

function prepared({ path }: Workspace): number {
  return readdirSync(join(path, 'data')).filter((name) => name.startsWith('prepared-')).length;
}

/** How many objects a run found, and how many it had to make. */
function resumed(output: string): { existing: number; missing: number } | undefined {
  const found = /resuming: ([\d,]+) of ([\d,]+) exist, ([\d,]+) to create/.exec(output);
  if (found === null) return undefined;
  const [existing = 0, total = 0, missing = 0] = found
    .slice(1)
    .map((text) => Number(text.replaceAll(',', '')));
  expect(existing + missing).toBe(total);
  return { existing, missing };
}

describe('a run that was interrupted', () => {
  it('is gone on with by running it again, with more agents than before', async () => {
    await inWorkspace(async (workspace) => {
      const config = fill(workspace);
      const first = await startAgent();
      const controller = startController(workspace.path, [
        ...agentsOption(first),
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      await controller.printed('Stage 2/2: prepare');
      while (prepared(workspace) < 2_000) await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      first.process.kill('SIGKILL');
      controller.process.kill('SIGKILL');
      await controller.ended;
      const left = prepared(workspace);

      const agents = await Promise.all([startAgent(), startAgent()]);
      try {
        const { exitCode, output } = await runController(workspace.path, [
          ...agentsOption(...agents),
          ...['run', '--config', config, '--start-delay', '0'],
        ]);
        expect(exitCode).toBe(0);
        expect(prepared(workspace)).toBe(COUNT);
        if (left < COUNT) expect(resumed(output)?.missing).toBeGreaterThan(0);
        expect(resumed(output)?.existing).toBeGreaterThan(0);
        const again = await runController(workspace.path, [
          ...agentsOption(...agents),
          ...['run', '--config', config, '--start-delay', '0'],
        ]);
        expect(resumed(again.output)).toEqual({ existing: COUNT, missing: 0 });
        const ledger = readResult(workspace.results().at(-1) ?? '', 'populate_ledger.tsv');
        expect(ledger).toMatch(new RegExp(`AGGREGATE\\tprepare\\t0\\t${String(COUNT)}\\t`));

        const cleaned = await runController(workspace.path, [
          ...agentsOption(...agents),
          ...['cleanup', '--config', config, '--yes', '--start-delay', '0'],
        ]);
        expect(cleaned.exitCode).toBe(0);
        expect(readdirSync(join(workspace.path, 'data'))).toEqual([]);
      } finally {
        await Promise.all(agents.map((agent) => agent.stop()));
      }
    });
  });

  it('says on the screen of the controller what an agent has noticed of its cache', async () => {
    await inWorkspace(async (workspace) => {
      const config = fill(workspace);
      const args = ['run', '--config', config, '--start-delay', '0'];
      expect(await runController(workspace.path, args)).toMatchObject({ exitCode: 0 });
      rmSync(join(workspace.path, 'data'), { recursive: true });
      mkdirSync(join(workspace.path, 'data'));
      const { exitCode, output } = await runController(workspace.path, args);
      expect(exitCode).toBe(0);
      const notice = /^⚠ agent-1: The cache does not fit the storage \(.*\): 30,000 objects/m;
      expect(output).toMatch(notice);
      expect(readResult(workspace.results().at(-1) ?? '', 'console.log')).toMatch(notice);
    });
  });

  it('is not cleaned up unasked where nobody can be asked', async () => {
    await inWorkspace(async (workspace) => {
      const { exitCode, output } = await runController(workspace.path, [
        ...['cleanup', '--config', fill(workspace)],
      ]);
      expect(exitCode).toBe(2);
      expect(output).toContain('there is no terminal to ask at');
      expect(existsSync(join(workspace.path, 'cache'))).toBe(false);
    });
  });
});

describe('a prepare over two endpoints of one bucket', () => {
  it('completes though no checkpoint can be kept and an endpoint fails for seconds, and says both', async () => {
    const [one, two] = await Promise.all([
      startS3TestServer({ buckets: ['bucket'] }),
      startS3TestServer({ buckets: ['bucket'] }),
    ]);
    try {
      for (const server of [one, two]) {
        server.faults.add({
          match: { operation: 'PutObject', key: /\.sai3-cache-/ },
          fault: { kind: 'error', code: 'AccessDenied' },
        });
      }
      await inWorkspace(async (workspace) => {
        const config = workspace.workload(
          'loki.yaml',
          `multi_endpoint:
  endpoints: ["s3://${one.host}/bucket/", "s3://${two.host}/bucket/"]
  circuit_breaker: {failures: 0}
concurrency: 16
cache_checkpoint_interval_secs: 1
prepare:
  force_overwrite: true
  directory_structure: {width: 8, depth: 2, files_per_dir: 50}
  ensure_objects: [{base_uri: tree/, size_spec: {type: lognormal, mean: 8KiB, std_dev: 4KiB, min: 1KiB, max: 16KiB}}]
distributed: {kv_cache_dir: ${workspace.path}/cache}
`,
        );
        const failing = two.faults.add({
          match: { operation: 'PutObject', skip: 1_000 },
          fault: { kind: 'error', code: 'SlowDown' },
        });
        const controller = startController(
          workspace.path,
          ['run', '--config', config, '--start-delay', '0'],
          one.env,
        );
        while (failing.struck === 0) await new Promise((resolve) => setTimeout(resolve, 50));
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        failing.remove();
        expect(await controller.ended).toBe(0);
        const [results = ''] = workspace.results();
        const notice = /The checkpoint .* could not be written; the run goes on/;
        expect(readResult(results, 'agents/agent-1/console.log')).toMatch(notice);
        expect(controller.output()).toMatch(notice);
        expect(readResult(results, 'console.log')).toMatch(notice);
        const { stages } = JSON.parse(readResult(results, 'metadata.json')) as {
          stages: { name: string; operations: number; errors: number; retries: number }[];
        };
        const prepare = stages.find(({ name }) => name === 'prepare');
        expect(prepare).toMatchObject({ operations: 3_200, errors: 0 });
        expect(prepare?.retries).toBeGreaterThan(0);
        expect(one.stats().requests.byOperation.PutObject).toBeGreaterThan(1_000);
      });
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });
});
