import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type HostProcess, ownProcess } from '@sai3bench/control-link';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { RunClaim } from './run-claim.ts';

let directory: TemporaryDirectory;
let control: string;
beforeEach(() => {
  directory = temporaryDirectory();
  control = join(directory.path, 'control');
  mkdirSync(control);
  writeFileSync(join(control, 'run.json'), '{}');
});
afterEach(() => {
  directory.remove();
});

const take = (): RunClaim => RunClaim.take(directory.path);
const isRefused = expect.objectContaining({ code: 'RUN_HAS_CONTROLLER' });

/** Leaves a claim as another process would. */
function leaveClaim(number: number, by: HostProcess): void {
  writeFileSync(join(control, `controller-${String(number)}.json`), `${JSON.stringify(by)}\n`);
}

/** A process of this host that has ended. */
async function endedProcess(): Promise<HostProcess> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return { hostname: hostname(), processId: child.pid ?? 0 };
}

describe('the claim on a run that is taken over', () => {
  it('is had by one process at a time: another is refused, and changes nothing', () => {
    take();
    const before = readdirSync(control);
    expect(take).toThrow(isRefused);
    expect(readdirSync(control)).toEqual(before);
  });

  it('is free when it was given back', () => {
    take().release();
    const second = take();
    expect(second.unjudged).toEqual([]);
    expect(take).toThrow(isRefused);
  });

  it('is free when the process that had it was killed, for one of those that want it', async () => {
    leaveClaim(1, await endedProcess());
    const claim = take();
    expect(claim.unjudged).toEqual([]);
    expect(take).toThrow(isRefused);
    // Its number is not given again.
    claim.release();
    take();
    expect(readdirSync(control).filter((name) => name.startsWith('controller-'))).toEqual(
      [1, 2, 3].map((number) => `controller-${String(number)}.json`),
    );
  });

  it('is refused where somebody has it under an earlier number', () => {
    leaveClaim(1, ownProcess());
    leaveClaim(2, { hostname: 'elsewhere', processId: 7 });
    appendFileSync(join(control, 'controller-2.json'), 'released\n');
    expect(take).toThrow(isRefused);
  });

  it('says whose end cannot be seen from here', () => {
    leaveClaim(1, { hostname: 'elsewhere', processId: 7 });
    writeFileSync(join(control, 'controller-2.json'), '{"hostn');
    expect(take().unjudged).toEqual(['process 7 on elsewhere', 'a process that it does not name']);
  });

  it('cannot be had of a run that has ended, and makes no directory for it', () => {
    const claim = take();
    rmSync(control, { recursive: true });
    claim.release();
    writeFileSync(join(directory.path, 'STATUS.txt'), 'TEST STATUS: SUCCESS\n');
    expect(take).toThrow(expect.objectContaining({ code: 'RUN_HAS_ENDED' }));
    expect(readdirSync(directory.path)).toEqual(['STATUS.txt']);
  });
});
