import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Child } from '@sai3bench/testing';
import { type Agent, agentsOption, startAgent, startController } from './support/programs.ts';
import { readResult } from './support/tables.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

let agent: Agent;
beforeAll(async () => {
  agent = await startAgent();
});
afterAll(() => agent.stop());

/** A run that is in its execute stage, which takes a while if nothing comes between. */
async function startLongRun(workspace: Workspace, duration: string): Promise<Child> {
  const config = workspace.workload(
    'gone.yaml',
    `target: "null:"\nduration: ${duration}\nconcurrency: 1\nworkload: [{op: put, path: new/, object_size: 1KiB, weight: 1}]\n`,
  );
  const controller = startController(workspace.path, [
    ...agentsOption(agent),
    ...['run', '--config', config, '--start-delay', '0'],
  ]);
  await controller.printed('Stage 2/2: execute');
  return controller;
}

describe('results that are removed during a run', () => {
  it('end it, which says so, and are not made anew', async () => {
    await inWorkspace(async (workspace) => {
      const controller = await startLongRun(workspace, '60s');
      const results = workspace.results().at(-1) ?? '';
      rmSync(results, { recursive: true });
      expect(await controller.ended).toBe(1);
      expect(controller.output()).toContain('is gone: it, or what it lay in, was removed');
      expect(controller.output()).toContain('✗ Run FAILED');
      expect(controller.output()).toContain(`Results LOST: ${results}`);
      expect(existsSync(results)).toBe(false);
    });
  });

  it('are missed at the end, if it is only one file', async () => {
    await inWorkspace(async (workspace) => {
      const controller = await startLongRun(workspace, '5s');
      const results = workspace.results().at(-1) ?? '';
      rmSync(join(results, 'perf_log.tsv'));
      expect(await controller.ended).toBe(1);
      expect(readResult(results, 'STATUS.txt')).toContain('TEST STATUS: FAILURE');
      expect(readResult(results, 'STATUS.txt')).toContain('perf_log.tsv is gone');
    });
  });
});
