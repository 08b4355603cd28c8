import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { hostSuite } from '../testing/host-suite.ts';
import { planOf } from '../testing/run-plan.ts';

const suite = hostSuite();
let server: S3TestServer;

beforeEach(async () => {
  server = await startS3TestServer({ buckets: ['bucket'] });
  Object.assign(process.env, server.env);
});
afterEach(async () => {
  await server.stop();
});

describe('a validation stage', () => {
  it('fails where a prepare before it has not made all objects, and not before that or after a cleanup', async () => {
    server.faults.add({
      match: { operation: 'PutObject', key: /prepared-00000003/ },
      fault: { kind: 'error', code: 'AccessDenied' },
    });
    const types = ['validation', 'prepare', 'validation', 'cleanup', 'validation'];
    const stages = types.map((type, index) => `{name: ${type}-${String(index)}, type: ${type}}`);
    const yaml = `
target: s3://${server.host}/bucket/
concurrency: 2
prepare: {ensure_objects: [{base_uri: a/, count: 12, size_spec: 100}]}
distributed: {stages: [${stages.join(', ')}]}
`;
    const host = await suite.open(planOf(yaml), 1);
    const reports = (await host.runStages()).map(({ report }) => report);
    const outcomes = reports.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['completed', 'failed', 'failed', 'completed', 'completed']);
    expect(reports[2]?.failure).toMatchObject({
      code: 'VALIDATION_FAILED',
      message:
        'stage validation-2 misses objects that this agent was to make before: 1 of 12 a/prepared-* (1 not made)',
    });
  });
});
