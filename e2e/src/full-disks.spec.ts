import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { expectNextRunToWork } from './support/next-run.ts';
import { agentsOption, runController, startController } from './support/programs.ts';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { startPutRun } from './support/put-run.ts';
import { expectOneTotal, objectsBelow } from './support/store-totals.ts';
import { agentsOf, countOf, readResult } from './support/tables.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

const mounts: string[] = [];

/** Whether this user may mount. */
function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A file system in memory that is soon full. */
function mountSmall(workspace: Workspace, name: string, size: string): string {
  const path = join(workspace.path, name);
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', path]);
  mounts.push(path);
  return path;
}

function unmountAll(): void {
  for (const path of mounts.splice(0).toReversed()) execFileSync('umount', ['--lazy', path]);
}

/** Fills what is left of a file system. */
function fill(path: string): void {
  for (const chunkBytes of [64 * 1024, 4096]) {
    for (let count = 0; ; count++) {
      try {
        writeFileSync(
          join(path, `ballast-${String(chunkBytes)}-${String(count)}`),
          Buffer.alloc(chunkBytes),
        );
      } catch {
        break; // Full.
      }
    }
  }
}

const started = new ProxiedAgents();
let agents: ProxiedAgent[] = [];

beforeAll(async () => {
  agents = await started.startSome(2);
});
afterEach(unmountAll);
afterAll(() => started.stop());

(canMount() ? describe : describe.skip)('a disk that is full', () => {
  it('under test is an error of each operation: the stage is given up, and every object that is there is known', async () => {
    await inWorkspace(async (workspace) => {
      const data = mountSmall(workspace, 'data', '2m');
      const run = startPutRun(workspace, agents, {
        ...{ data, duration: '60s' },
        more: 'error_handling: {max_consecutive_errors: 3}',
      });
      expect(await run.ended).toBe(1);
      expect(run.output()).toContain('ENOSPC');
      const results = run.results();
      const sizes = readdirSync(data, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.startsWith('obj_'))
        .map(({ name, parentPath }) => statSync(join(parentPath, name)).size);
      expect(new Set(sizes)).toEqual(new Set([1024]));
      expect(expectOneTotal(results, 2, 'execute')).toBe(sizes.length);
      expect(readResult(results, 'STATUS.txt')).toContain('ENOSPC');
      // Of whichever agent was the first to have too many of them.
      const errors = agentsOf(results).map((id) => readResult(results, `agents/${id}/errors.tsv`));
      expect(errors.join('\n')).toContain('FILE_ENOSPC');
      unmountAll();
    });
  });

  it('of an agent, where it keeps its copy of the results, costs no results', async () => {
    await inWorkspace(async (workspace) => {
      const temporary = mountSmall(workspace, 'tmp', '1m');
      const agent = await started.start({ TMPDIR: temporary });
      fill(temporary);
      const run = startPutRun(workspace, [agent], { duration: '1s' });
      expect(await run.ended).toBe(0);
      expect(countOf(run.results(), '02_execute_results.tsv', 'PUT')).toBe(objectsBelow(run.data));
      await agent.stop();
      unmountAll();
    });
  });

  it('of the controller ends the run, which says so, and stops the agents', async () => {
    await inWorkspace(async (workspace) => {
      const full = mountSmall(workspace, 'results', '256k');
      const config = workspace.workload(
        'full.yaml',
        'target: "null:"\nduration: 60s\nconcurrency: 1\nworkload: [{op: put, path: new/, object_size: 1KiB, weight: 1}]\n',
      );
      const controller = startController(workspace.path, [
        ...agentsOption(...agents),
        ...['run', '--config', config, '--start-delay', '0', '--results-dir', full],
      ]);
      await controller.printed('Stage 2/2: execute');
      fill(full);
      expect(await controller.ended).toBe(1);
      expect(controller.output()).toContain('ENOSPC');
      expect(controller.output()).toContain('✗ Run FAILED');
      // When there is room again, whoever takes the run over hears why it has ended.
      execFileSync('mount', ['-o', 'remount,size=10m', full]);
      const [name = ''] = readdirSync(full).filter((each) => each.startsWith('sai3-'));
      const results = join(full, name);
      const { exitCode, output } = await runController(workspace.path, ['attach', results]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 1 });
      const status = readResult(results, 'STATUS.txt');
      expect(status).toMatch(/^controller in stage execute: .*ENOSPC/m);
      expect(status).toContain('choose another with --results-dir');
      expect(status.match(/: Stopped \(/g)).toHaveLength(agents.length);
      unmountAll();
      await expectNextRunToWork(workspace, ...agents);
    });
  });
});
