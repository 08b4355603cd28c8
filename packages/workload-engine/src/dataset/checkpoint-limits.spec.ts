import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Fault, type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { datasetSuite } from '../testing/dataset-suite.ts';
import { NEVER_MS, type OpenDataset, openDataset, PATIENT } from '../testing/open-dataset.ts';
import { planOf } from '../testing/run-plan.ts';
import { DATASET_LIMITS, type DatasetLimits } from './dataset-limits.ts';

const COUNT = 4;
const HANGS: Fault = { kind: 'latency', ms: NEVER_MS };

let server: S3TestServer;
const suite = datasetSuite();

beforeEach(async () => {
  server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
  Object.assign(process.env, server.env);
});
afterEach(async () => {
  for (const name of Object.keys(server.env)) Reflect.deleteProperty(process.env, name);
  await server.stop();
});

/** Opens a dataset whose checkpoints are made at the ends of stages and of the run only. */
function open(limits: DatasetLimits): Promise<OpenDataset> {
  const plan = planOf(`
target: s3://${server.host}/bucket/
cache_checkpoint_interval_secs: 0
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 10}], cleanup: true}
distributed: {kv_cache_dir: ${suite.cache}}
`);
  return openDataset(plan, undefined, limits);
}

/** Gets ready for a prepare stage, which then makes all objects. */
async function makeAll({ dataset, pools }: OpenDataset): Promise<void> {
  await dataset.load(
    'prepare',
    () => false,
    () => undefined,
  );
  for (const { states } of pools) states.fill(0, COUNT, 'created');
}

/** Does what a cleanup stage does. */
async function deleteAll({ dataset, pools }: OpenDataset): Promise<void> {
  await dataset.load(
    'cleanup',
    () => false,
    () => undefined,
  );
  for (const { states } of pools) states.fill(0, COUNT, 'deleted');
  await dataset.stageEnded('cleanup', true);
}

async function isCheckpointThere(): Promise<boolean> {
  const url = `${server.url}/bucket/.sai3-cache-agent-1.tar.zst`;
  return (await fetch(url, { method: 'HEAD' })).ok;
}

describe('a checkpoint after a prepare', () => {
  it('goes on by itself when it has held up the stage as long as it may', async () => {
    const run = await open({ ...PATIENT, holdUpMs: 1 });
    await makeAll(run);
    server.faults.add({
      match: { operation: 'PutObject', times: 1 },
      fault: { kind: 'latency', ms: 5_000 },
    });
    await run.dataset.stageEnded('prepare', true);
    expect(await isCheckpointThere()).toBe(false);
    await run.close();
    expect(await isCheckpointThere()).toBe(true);
    expect(run.notices).toEqual([]);
  });

  it('is given up when it takes too long, and made again at the end of the run', async () => {
    const limits = { ...PATIENT, checkpointMs: 200 };
    const run = await open(limits);
    await makeAll(run);
    const hanging = server.faults.add({ match: { operation: 'PutObject' }, fault: HANGS });
    await run.dataset.stageEnded('prepare', true);
    limits.checkpointMs = NEVER_MS;
    expect(run.notices).toEqual([
      expect.stringMatching(/checkpoint .* could not be written.*took too long/),
    ]);
    hanging.remove();
    await run.close();
    expect(await isCheckpointThere()).toBe(true);
  });

  it('is not waited for when the run is stopped', async () => {
    const run = await open(PATIENT);
    await makeAll(run);
    const hanging = server.faults.add({ match: { operation: 'PutObject' }, fault: HANGS });
    const ended = run.dataset.stageEnded('prepare', true);
    while (hanging.struck === 0) await new Promise((resolve) => setImmediate(resolve));
    run.stop();
    await ended;
    await run.close();
    expect(run.notices).toEqual([]);
  });
});

describe('the end of a run', () => {
  const SHORT = { settleMs: 50, requestsMs: 100, syncMs: NEVER_MS, wholeMs: NEVER_MS };

  it('does not wait for a checkpoint that hangs, nor begins another', async () => {
    const run = await open({ ...PATIENT, holdUpMs: 1, close: SHORT });
    await makeAll(run);
    const hanging = server.faults.add({ match: { operation: 'PutObject' }, fault: HANGS });
    await run.dataset.stageEnded('prepare', true);
    while (hanging.struck === 0) await new Promise((resolve) => setImmediate(resolve));
    await run.close();
    expect(hanging.struck).toBe(1);
    expect(run.notices).toEqual([
      expect.stringMatching(/checkpoint .* could not be written.*took too long/),
    ]);
  });

  it('does not wait until a checkpoint is removed', async () => {
    const run = await open({ ...PATIENT, close: SHORT });
    await makeAll(run);
    await run.dataset.stageEnded('prepare', true);
    await deleteAll(run);
    server.faults.add({ match: { operation: 'DeleteObject' }, fault: HANGS });
    await run.close();
    expect(run.notices).toEqual([
      expect.stringMatching(/checkpoint .* could not be removed.*took too long/),
    ]);
  });

  it('comes soon after a stop, though the storage hangs', async () => {
    const run = await open({ ...PATIENT, stoppedClose: DATASET_LIMITS.stoppedClose });
    await makeAll(run);
    await run.dataset.stageEnded('prepare', true);
    await deleteAll(run);
    server.faults.add({ fault: HANGS });
    run.stop();
    await run.close();
    expect(run.notices.join('\n')).toMatch(/could not be removed.*took too long/);
  });
});

describe('a checkpoint that cannot be fetched', () => {
  it('leaves the objects to be looked for', async () => {
    server.faults.add({ match: { operation: 'GetObject' }, fault: HANGS });
    const run = await open({ ...PATIENT, fetchIdleMs: 100 });
    await run.dataset.load(
      'prepare',
      () => false,
      () => undefined,
    );
    expect(run.notices.join('\n')).toMatch(/⚠ Checkpoints cannot be fetched/);
    expect(server.stats().requests.byOperation.ListObjectsV2).toBeGreaterThan(0);
  });
});
