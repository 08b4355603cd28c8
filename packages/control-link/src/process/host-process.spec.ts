import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { isProcessGone, ownProcess, processOf } from './host-process.ts';

const here = { hostname: hostname(), processId: process.pid };

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('the process of an agent', () => {
  it('is not gone while it is there', () => {
    expect(ownProcess()).toMatchObject(here);
    expect(processOf(here)).toEqual(ownProcess());
    expect(isProcessGone(ownProcess())).toBe(false);
  });

  it('is gone when it has ended', async () => {
    expect(isProcessGone({ ...here, processId: await endedProcess() })).toBe(true);
  });

  it('is gone when another process has its id', () => {
    expect(isProcessGone({ ...here, startedAt: 'long ago' })).toBe(process.platform === 'linux');
  });

  it('is not known to be gone on another host', async () => {
    const processId = await endedProcess();
    expect(isProcessGone({ hostname: 'elsewhere', processId })).toBe(false);
    expect(processOf({ hostname: 'elsewhere', processId })).toEqual({
      hostname: 'elsewhere',
      processId,
    });
  });

  it('is not one of this host when another container has the name of this one', async () => {
    expect(processOf({ ...here, processId: await endedProcess() })).toBeUndefined();
  });
});
