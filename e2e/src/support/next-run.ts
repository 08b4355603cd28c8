import { expect } from '@jest/globals';
import { type Agent, agentsOption, runController } from './programs.ts';
import type { Workspace } from './workspace.ts';

const QUICK = `target: "null:"
duration: 300ms
concurrency: 2
workload: [{op: put, path: new/, object_size: 4KiB, weight: 1}]
`;

/** The run that shows that agents are well. */
export async function expectNextRunToWork(workspace: Workspace, ...of: Agent[]): Promise<void> {
  const config = workspace.workload('quick.yaml', QUICK);
  const args = [...agentsOption(...of), 'run', '--config', config, '--start-delay', '0'];
  let ended = await runController(workspace.path, args);
  // On a busy machine an agent may still be at the end of the run before.
  while (ended.output.includes('is busy with run')) {
    ended = await runController(workspace.path, args);
  }
  expect(ended).toMatchObject({ exitCode: 0 });
}
