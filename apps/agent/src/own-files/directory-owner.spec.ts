import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { isGone, OWNER_FILE, readOwner, thisProcess, writeOwner } from './directory-owner.ts';

const RECORD = { ...thisProcess(), processStart: '1' };

describe('the owner of a directory', () => {
  it('is the process that wrote itself into it', () => {
    using directory = temporaryDirectory();
    writeOwner(directory.path);
    expect(readOwner(directory.path)).toEqual(thisProcess());
  });

  it('is not known when the file is missing, is not an agent’s, or came from another directory', () => {
    using directory = temporaryDirectory();
    expect(readOwner(directory.path)).toBeUndefined();
    const name = basename(directory.path);
    for (const record of [
      'nonsense',
      'null',
      JSON.stringify({ ...RECORD, directory: name }),
      JSON.stringify({ ...RECORD, program: 'sai3bench-agent', directory: 'other' }),
      JSON.stringify({ program: 'sai3bench-agent', directory: name, processId: -1 }),
      JSON.stringify({ program: 'sai3bench-agent', directory: name, processId: 7 }),
    ]) {
      writeFileSync(join(directory.path, OWNER_FILE), record);
      expect(readOwner(directory.path)).toBeUndefined();
    }
  });

  it('lives as long as its process does', () => {
    expect(isGone(thisProcess())).toBe(false);
    const { pid } = spawnSync(process.execPath, ['--version']);
    expect(isGone({ ...thisProcess(), processId: pid })).toBe(true);
  });

  it('is gone when its number belongs to a later process', () => {
    expect(isGone({ ...thisProcess(), startedAt: '1' })).toBe(true);
    const { hostname, pidNamespace, processId } = thisProcess();
    expect(isGone({ hostname, pidNamespace, processId })).toBe(false);
  });

  it('may live for all that is known when it is of another host or container', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const gone = { ...thisProcess(), processId: pid };
    expect(isGone({ ...gone, hostname: 'elsewhere' })).toBe(false);
    expect(isGone({ ...gone, pidNamespace: 'pid:[1]' })).toBe(false);
  });
});
