import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { readLeftRun } from './left-run.ts';

const STATUS = 'TEST STATUS: SUCCESS\nTimestamp: 2026-02-18 16:03:00\n';

describe('a run that cannot be taken over', () => {
  it.each([
    ['has ended', { 'STATUS.txt': STATUS }, 'RUN_HAS_ENDED', 'SUCCESS at 2026-02-18 16:03:00'],
    [
      'was ended before it could be',
      { 'metadata.json': '{}', 'console.log': '' },
      'RUN_HAS_ENDED',
      'before its agents were ready',
    ],
    ['is something else', { 'notes.txt': '' }, 'RUN_UNKNOWN', 'is not the results directory'],
  ])('is told from others where it %s', (_, files, code, message) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'results');
    mkdirSync(path);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    expect(() => readLeftRun(path)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
