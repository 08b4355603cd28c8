import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type StageRecord } from '../testing/run-plan.ts';

const suite = hostSuite();

beforeEach(() => {
  mkdirSync(join(suite.path, 'data'));
});

/** Prepares objects, lets something happen, and cleans up. */
async function cleanUp(
  target: string,
  mode: string,
  between: () => void,
): Promise<StageRecord | undefined> {
  const host = await suite.open(
    planOf(`
target: ${target}
concurrency: 2
prepare: {ensure_objects: [{base_uri: set/, count: 20, size_spec: 100}], cleanup: true, cleanup_mode: ${mode}}
`),
  );
  await host.runStages([0, 1]);
  between();
  const [cleanup] = await host.runStages([2]);
  await host.close();
  return cleanup;
}

describe('a clean-up that finds an object gone', () => {
  const cleanUpFiles = (mode: string): Promise<StageRecord | undefined> =>
    cleanUp(`file://${suite.path}/data/`, mode, () => {
      rmSync(join(suite.path, 'data/set/prepared-00000003.dat'));
    });

  it('fails where it is strict', async () => {
    const { report } = (await cleanUpFiles('strict')) ?? {};
    expect(report).toMatchObject({
      outcome: 'failed',
      failure: { code: 'STAGE_INCOMPLETE', class: 'not-found' },
    });
  });

  it.each(['tolerant', 'besteffort', 'best_effort'])('is complete where it is %s', async (mode) => {
    const cleanup = await cleanUpFiles(mode);
    expect(cleanup?.report.outcome).toBe('completed');
    expect(cleanup?.stats.errors()).toBe(0);
  });
});

describe('a clean-up that may delete nothing', () => {
  const cleanUpDenied = async (mode: string): Promise<StageRecord | undefined> => {
    const server = await startS3TestServer({ buckets: ['bucket'] });
    try {
      Object.assign(process.env, server.env);
      return await cleanUp(`s3://${server.host}/bucket/`, mode, () => {
        server.faults.add({
          match: { operation: ['DeleteObject', 'DeleteObjects'] },
          fault: { kind: 'error', code: 'AccessDenied' },
        });
      });
    } finally {
      await server.stop();
    }
  };

  it.each(['strict', 'tolerant'])('fails where it is %s', async (mode) => {
    const cleanup = await cleanUpDenied(mode);
    expect(cleanup?.report).toMatchObject({ outcome: 'failed', failure: { class: 'permission' } });
  });

  it('says so, and does not fail, where it does what it can', async () => {
    const cleanup = await cleanUpDenied('besteffort');
    expect(cleanup?.report).toMatchObject({
      outcome: 'completed',
      failure: { class: 'permission' },
    });
    expect(cleanup?.stats.errors()).toBe(20);
  });
});
