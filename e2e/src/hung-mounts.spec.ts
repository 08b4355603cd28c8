import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { HeldFile } from './support/held-file.ts';
import { agentsOption, startController } from './support/programs.ts';
import { type ProxiedAgent, ProxiedAgents } from './support/proxied-agents.ts';
import { expectOneTotal, objectsBelow } from './support/store-totals.ts';
import { readResult } from './support/tables.ts';
import { untilIdle } from './support/until.ts';
import { inWorkspace } from './support/workspace.ts';

const started = new ProxiedAgents();
let agents: ProxiedAgent[] = [];

beforeAll(async () => {
  agents = await started.startSome(2);
});
afterAll(() => started.stop());

it('reads that hang, as on a mount whose server is gone, end with their stage and are no errors; the link may break meanwhile', async () => {
  await inWorkspace(async (workspace) => {
    const data = join(workspace.path, 'data');
    mkdirSync(data);
    // Opening it waits for a writer, who never comes.
    execFileSync('mkfifo', [join(data, 'fifo')]);
    const config = workspace.workload(
      'hang.yaml',
      `target: file://${data}/
concurrency: 2
duration: 3s
drain_timeout: 4s
fsync: true
workload:
  - {op: get, path: fifo, weight: 1, concurrency: 1}
  - {op: put, path: new/, object_size: 1KiB, weight: 1000}
distributed: {shared_filesystem: true, reconnect_grace: 10s}
`,
    );
    const controller = startController(workspace.path, [
      ...agentsOption(...agents),
      ...['run', '--config', config, '--start-delay', '0'],
    ]);
    await controller.printed('Stage 2/2: execute');
    for (const { proxy } of agents) proxy.reset();
    expect(await controller.ended).toBe(0);
    expect(controller.output()).toContain('2 cancelled at the end');
    const [results = ''] = workspace.results();
    expect(expectOneTotal(results, 2, 'execute')).toBe(objectsBelow(join(data, 'new')));
    expect(readResult(results, 'STATUS.txt')).toContain('Total errors: 0');
    await untilIdle(...agents);
  });
});

/** Files can be held on Linux, where there is Perl. */
function canHold(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'sai3bench-e2e-'));
  try {
    return HeldFile.canHold(join(directory, 'file'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

(canHold() ? it : it.skip)(
  'mounts that hang before a run are named, and nothing is hidden of what comes after them',
  async () => {
    await inWorkspace(async (workspace) => {
      const held: HeldFile[] = [];
      for (const name of ['a', 'b', 'c']) {
        mkdirSync(join(workspace.path, name));
        if (name !== 'c') held.push(await HeldFile.make(join(workspace.path, name, 'x-1')));
      }
      const at = (name: string): string => `file://${workspace.path}/${name}/`;
      const config = workspace.workload(
        'hang.yaml',
        `duration: 1s
workload:
  - {op: get, path: "${at('a')}x-*", weight: 1}
  - {op: get, path: "${at('b')}x-*", weight: 1}
  - {op: get, path: "${at('missing')}x-*", weight: 1}
  - {op: put, path: "${at('c')}", object_size: 1, weight: 1}
`,
      );
      const controller = startController(workspace.path, [
        ...agentsOption(...agents),
        ...['preflight', '--config', config],
      ]);
      expect(await controller.ended).toBe(3);
      for (const name of ['a', 'b']) {
        expect(controller.output()).toContain(
          `[SYSTEM] ${at(name)} time: the check "read of ${at(name)}" has not ended`,
        );
      }
      expect(controller.output()).toContain(`[CONFIG] ${at('missing')} stat`);
      expect(controller.output()).toContain(`[RESOURCE] ${at('c')} disk-space`);
      expect(readdirSync(join(workspace.path, 'c'))).toEqual([]);
      await untilIdle(...agents);
      for (const file of held) await file.release();
    });
  },
);
