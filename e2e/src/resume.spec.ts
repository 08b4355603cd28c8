import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
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
