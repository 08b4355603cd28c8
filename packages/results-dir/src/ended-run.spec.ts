import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '@sai3bench/testing';
import { traceOfRun } from './ended-run.ts';
import { ResultsDirectory } from './results-directory.ts';
import { metadataOf } from './testing/sample-metadata.ts';

const NOW = new Date(2026, 1, 18, 16, 3, 0);

describe('what a results directory says of its run', () => {
  it('is nothing where there is none, or something else', () => {
    using directory = temporaryDirectory();
    const other = mkdtempSync(join(directory.path, 'other-'));
    writeFileSync(join(other, 'console.log'), 'TEST STATUS: SUCCESS\n');
    expect(traceOfRun(other)).toEqual({ state: 'none' });
    expect(traceOfRun(join(directory.path, 'missing'))).toEqual({ state: 'none' });
  });

  it('is how it has ended, and when', () => {
    using directory = temporaryDirectory();
    const results = ResultsDirectory.create(directory.path, 'test', NOW);
    results.writeMetadata(metadataOf({}));
    expect(traceOfRun(results.path)).toEqual({ state: 'unknown' });
    results.writeStatus({
      ...{ outcome: 'INTERRUPTED', at: NOW, agents: [], reconnects: 0 },
      ...{ hasTried: false, totalOperations: 0, totalErrors: 0, errors: [], optionalFailures: [] },
      failure: { reasons: [], hints: [] },
    });
    expect(traceOfRun(results.path)).toEqual({
      ...{ state: 'ended', outcome: 'INTERRUPTED' },
      at: expect.stringMatching(/^2026-02-18 16:03:00/),
    });
    results.close();
  });
});
