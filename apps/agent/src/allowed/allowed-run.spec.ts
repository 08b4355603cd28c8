import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectError } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ErrorDetailSchema } from '@sai3bench/barrier-protocol';
import { type TemporaryDirectory, temporaryDirectory } from '@sai3bench/testing';
import { openRun } from '../testing/open-run.ts';
import { endAgentsAfterEach, startAgent } from '../testing/started-agent.ts';

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'bench'));
  mkdirSync(join(directory.path, 'other'));
  symlinkSync('../other', join(directory.path, 'bench', 'out'));
  symlinkSync('bench', join(directory.path, 'link'));
});
afterEach(() => {
  directory.remove();
});
endAgentsAfterEach();

const workload = (path: string): string =>
  `target: "file://${path}/"\nduration: 1s\nconcurrency: 1\nworkload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]\n`;

describe('a run on an agent that allows a directory', () => {
  it('is refused before it begins when a link leads it out', async () => {
    const { address, output } = await startAgent(
      ...['--listen', '127.0.0.1:0', '--allow-path', join(directory.path, 'bench')],
    );
    const run = openRun(address);
    run.start(workload(join(directory.path, 'bench', 'out')));
    const why = `this agent may not use file://${directory.path}/bench/out/: it leads to `;
    const refusal = ConnectError.from(await run.closed);
    expect(refusal.rawMessage).toContain(why);
    expect(refusal.findDetails(ErrorDetailSchema)).toMatchObject([
      { errorClass: 'permission', hint: expect.stringContaining('--allow-path') },
    ]);
    expect(output()).toContain(`Refused a plan: ${why}`);
    expect(run.received).toEqual([]);
    expect(readdirSync(join(directory.path, 'other'))).toEqual([]);
  });

  it('begins in a directory that is not there yet, by any name of the one that is allowed', async () => {
    const { address } = await startAgent(
      ...['--listen', '127.0.0.1:0', '--allow-path', join(directory.path, 'link')],
    );
    const run = openRun(address);
    run.start(workload(join(directory.path, 'bench', 'new')));
    await run.until('ready');
    run.abort();
    await run.until('runEnded');
  });
});
