import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { planOf, TestHost } from '../testing/run-plan.ts';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'data'));
  // A device that cannot be flushed says so.
  symlinkSync('/dev/null', join(directory.path, 'data/prepared-00000000.dat'));
});
afterEach(() => {
  directory.remove();
});

describe.each([1, 65])('a plan with %d operations in flight', (concurrency) => {
  it.each([
    [true, 1],
    [false, 0],
  ])('and fsync %s flushes what it puts: %d flushes fail', async (fsync, failures) => {
    const host = new TestHost(
      planOf(`
target: file://${directory.path}/
concurrency: ${String(concurrency)}
fsync: ${String(fsync)}
prepare: {ensure_objects: [{base_uri: data/, count: 3, size_spec: 100}]}
distributed: {stages: [{name: fill, order: 1, type: prepare}]}
`),
    );
    // The link is there: otherwise it would be found, and not written.
    host.startOver = true;
    try {
      await host.open();
      const [fill] = await host.runStages();
      expect(fill?.stats.errors()).toBe(failures);
      expect(fill?.stats.ofOperation('PUT').operations).toBe(3 - failures);
    } finally {
      await host.kill();
    }
  });
});
