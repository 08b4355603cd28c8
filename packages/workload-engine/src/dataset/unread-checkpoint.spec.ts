import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FaultHandle, type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import type { StageKind } from '@sai3bench/workload-config';
import { datasetSuite } from '../testing/dataset-suite.ts';
import { type OpenDataset, openDataset, writtenContent } from '../testing/open-dataset.ts';
import { planOf } from '../testing/run-plan.ts';

const COUNT = 10;
const CHECKPOINT = '.sai3-cache-agent-1.tar.zst';

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

/** Begins a prepare on a host that has no cache. */
function beginPrepare(): Promise<OpenDataset> {
  rmSync(suite.cache, { recursive: true, force: true });
  return begin('prepare');
}

/** Gets ready for a stage, about objects too short to show by their content whose they are. */
async function begin(kind: StageKind): Promise<OpenDataset> {
  const plan = planOf(`
target: s3://${server.host}/bucket/
cache_checkpoint_interval_secs: 0
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 5}], cleanup: true}
distributed: {kv_cache_dir: ${suite.cache}}
`);
  const run = await openDataset(plan);
  await run.dataset.load(
    kind,
    () => false,
    () => undefined,
  );
  return run;
}

/** Makes what is missing and ends the run. */
async function endPrepare({ close, dataset, pools }: OpenDataset): Promise<void> {
  for (const { objects, states } of pools) {
    for (let position = 0; position < states.count; position++) {
      const state = states.get(position);
      if (state === 'created' || state === 'found') continue;
      const body = new Uint8Array(writtenContent(objects, position));
      await fetch(urlOf(objects.dataset.keyOf(position)), { method: 'PUT', body });
      states.set(position, 'created');
    }
  }
  await dataset.stageEnded('prepare', true);
  await close();
}

/** Does what a cleanup stage does, and ends the run. */
async function deleteAll({ close, dataset, pools }: OpenDataset): Promise<void> {
  for (const { objects, states } of pools) {
    for (let position = 0; position < states.count; position++) {
      await fetch(urlOf(objects.dataset.keyOf(position)), { method: 'DELETE' });
    }
    states.fill(0, states.count, 'deleted');
  }
  await dataset.stageEnded('cleanup', true);
  await close();
}

function urlOf(key: string): string {
  return `${server.url}/bucket/${key}`;
}

async function etagOfCheckpoint(): Promise<string | null> {
  return (await fetch(urlOf(CHECKPOINT), { method: 'HEAD' })).headers.get('etag');
}

/** Nobody can fetch the checkpoint until that is over. */
function denyCheckpoint(): FaultHandle {
  return server.faults.add({
    match: { operation: 'GetObject', key: /\.sai3-cache-/ },
    fault: { kind: 'error', status: 403, code: 'AccessDenied' },
  });
}

describe('a checkpoint that could not be fetched', () => {
  it('is left as it is, by a run that does not know who made the objects that are there', async () => {
    await endPrepare(await beginPrepare());
    const before = await etagOfCheckpoint();
    const denied = denyCheckpoint();
    const second = await beginPrepare();
    expect(second.pools[0]?.states.countOf('found')).toBe(COUNT);
    await endPrepare(second);
    expect(await etagOfCheckpoint()).toBe(before);
    expect(second.notices).toContainEqual(expect.stringContaining('is left as it is'));
    denied.remove();
    const third = await beginPrepare();
    expect(third.pools[0]?.states.countOf('created')).toBe(COUNT);
    await endPrepare(third);
  });

  it('is left as it is also by a clean-up, which tells that', async () => {
    await endPrepare(await beginPrepare());
    const before = await etagOfCheckpoint();
    denyCheckpoint();
    const cleanup = await begin('cleanup');
    await deleteAll(cleanup);
    expect(await etagOfCheckpoint()).toBe(before);
    expect(cleanup.notices).toContainEqual(expect.stringContaining('is left as it is'));
  });
});

describe('a checkpoint that could not be removed', () => {
  it('is not believed by the next run on the same host', async () => {
    await endPrepare(await beginPrepare());
    const denied = server.faults.add({
      match: { operation: 'DeleteObject', key: /\.sai3-cache-/ },
      fault: { kind: 'error', status: 403, code: 'AccessDenied' },
    });
    const cleanup = await begin('cleanup');
    await deleteAll(cleanup);
    expect(await etagOfCheckpoint()).not.toBeNull();
    denied.remove();
    const next = await begin('prepare');
    expect(next.pools[0]?.states.countOf('deleted')).toBe(COUNT);
    expect(next.notices).toEqual([]);
    await endPrepare(next);
  });
});
