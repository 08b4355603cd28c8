import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { planOf, TestHost } from '../testing/run-plan.ts';

let directory: TemporaryDirectory;
let server: S3TestServer;
let host: TestHost;

beforeEach(async () => {
  directory = temporaryDirectory();
  server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
  Object.assign(process.env, server.env);
  host = new TestHost(
    planOf(`
target: s3://${server.host}/bucket/
cache_checkpoint_interval_secs: 1
prepare: {ensure_objects: [{count: 20, size_spec: 10}]}
duration: 3s
workload: [{op: put, path: new/, object_size: 10, weight: 1}]
distributed: {kv_cache_dir: ${directory.path}/cache, stages: [{name: execute, order: 1, type: execute, duration: 3s}]}
`),
  );
});
afterEach(async () => {
  await host.kill();
  await server.stop();
  directory.remove();
});

describe('a checkpoint whose upload hangs', () => {
  it('holds up the end of a run for seconds only, and is told of', async () => {
    server.faults.add({
      match: { operation: 'PutObject', key: /\.sai3-cache-/ },
      fault: { kind: 'stall-request', afterBodyBytes: 0 },
    });
    await host.open();
    const [execute] = await host.runStages();
    await host.close();
    expect(execute?.report.outcome).toBe('completed');
    expect(host.notices.join('\n')).toMatch(/checkpoint .* could not be written.*took too long/);
  });
});

describe('a checkpoint that does not come', () => {
  it('is not waited for when the run is stopped', async () => {
    const hanging = server.faults.add({
      match: { operation: 'GetObject' },
      fault: { kind: 'latency', ms: 3_600_000 },
    });
    const opening = host.open();
    while (hanging.struck === 0) await new Promise((resolve) => setImmediate(resolve));
    host.stop();
    await opening;
    await host.close();
    expect(host.notices).toEqual([]);
  });
});
