import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { findProgram } from './find-program.ts';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  directory.remove();
});

/** Makes a file of the test's own; returns its path. */
function file(name: string, mode: number): string {
  const path = join(directory.path, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, mode);
  return path;
}

describe('a program', () => {
  it('is the first of its name in the search path that can be run', () => {
    file('a/tool', 0o644);
    const found = file('b/tool', 0o755);
    file('c/tool', 0o755);
    const searchPath = ['a', 'b', 'c'].map((name) => join(directory.path, name)).join(':');
    expect(findProgram('tool', searchPath)).toBe(found);
  });

  it('is where its path says, whatever the search path', () => {
    const path = file('b/tool', 0o755);
    expect(findProgram(path, '')).toBe(path);
  });

  it('is not there when it is missing, a directory, or no program', () => {
    mkdirSync(join(directory.path, 'tool'));
    expect(findProgram('tool', directory.path)).toBeUndefined();
    expect(findProgram('other', `:${directory.path}`)).toBeUndefined();
    expect(findProgram(file('text', 0o644), '')).toBeUndefined();
  });
});
