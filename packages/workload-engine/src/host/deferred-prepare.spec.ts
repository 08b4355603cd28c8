import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf, type StageRecord } from '../testing/run-plan.ts';

const OBJECTS = 12;
/** How often prepare tries an object before it does something else. */
const ATTEMPTS = 4;

const suite = hostSuite();
let server: S3TestServer;

beforeEach(async () => {
  server = await startS3TestServer({ buckets: ['bucket'], requestLog: 100 });
  Object.assign(process.env, server.env);
});
afterEach(async () => {
  await server.stop();
});

/** Runs the last stage of a workload with one set of objects: prepare, or one that verifies it. */
async function lastStage(verifyOnly: boolean): Promise<StageRecord> {
  const yaml = `
target: s3://${server.host}/bucket/
concurrency: 1
duration: 0
distributed: {kv_cache_dir: ${suite.path}/cache}
prepare: {ensure_objects: [{base_uri: a/, count: ${String(OBJECTS)}, size_spec: 3000}]}
`;
  const host = await suite.open(planOf(yaml, 1, { verifyOnly }), 1);
  const record = (await host.runStages()).at(-1);
  await host.close();
  if (record === undefined) throw new RangeError('there is no stage');
  return record;
}

/** Numbers of the objects that were put, in this order, however often. */
function objectsPut(): number[] {
  return server.requests().flatMap(({ method, target }) => {
    const number = method === 'PUT' ? /a\/prepared-(\d+)/.exec(target)?.[1] : undefined;
    return number === undefined ? [] : [Number(number)];
  });
}

describe('prepare', () => {
  it('tries an object again when the others are made, with the content that it was to have', async () => {
    server.faults.add({
      match: { operation: 'PutObject', key: /prepared-00000003/, times: ATTEMPTS },
      fault: { kind: 'error', code: 'SlowDown' },
    });
    const { report, stats } = await lastStage(false);
    expect(report).toMatchObject({ outcome: 'completed', tasksDone: OBJECTS, errors: [] });
    expect(stats.ofOperation('PUT').operations).toBe(OBJECTS);
    expect(objectsPut()).toEqual([0, 1, 2, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 3]);
    expect((await lastStage(true)).report).toMatchObject({
      outcome: 'completed',
      tasksDone: OBJECTS,
      errors: [],
    });
  });

  it('puts nothing off while nothing has been made: the storage may not work at all', async () => {
    server.faults.add({
      match: { operation: 'PutObject', times: ATTEMPTS },
      fault: { kind: 'error', code: 'SlowDown' },
    });
    const { report } = await lastStage(false);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'STAGE_INCOMPLETE' } });
    expect(report.errors).toMatchObject([{ count: 1 }]);
    expect(objectsPut()).toEqual([0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});
