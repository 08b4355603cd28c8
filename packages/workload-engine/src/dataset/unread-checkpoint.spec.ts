import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FaultHandle, type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import {
  abandonDatasets,
  type OpenDataset,
  openDataset,
  writtenContent,
} from '../testing/open-dataset.ts';
import { planOf } from '../testing/run-plan.ts';

const COUNT = 10;
const CHECKPOINT = '.sai3-cache-agent-1.tar.zst';

let server: S3TestServer;
let directory: TemporaryDirectory;

beforeEach(async () => {
  server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
  directory = temporaryDirectory();
  Object.assign(process.env, server.env);
});
afterEach(async () => {
  await abandonDatasets();
  for (const name of Object.keys(server.env)) Reflect.deleteProperty(process.env, name);
  directory.remove();
  await server.stop();
});

/** Begins a prepare on a host that has no cache, of objects too short to show by their content whose they are. */
async function beginPrepare(): Promise<OpenDataset> {
  const cache = join(directory.path, 'cache');
  rmSync(cache, { recursive: true, force: true });
  const plan = planOf(`
target: s3://${server.host}/bucket/
cache_checkpoint_interval_secs: 0
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 5}]}
distributed: {kv_cache_dir: ${cache}}
`);
  const run = await openDataset(plan);
  await run.dataset.load(
    'prepare',
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

  it('is written anew by a run that has made all objects', async () => {
    await endPrepare(await beginPrepare());
    const before = await etagOfCheckpoint();
    denyCheckpoint();
    const listing = await fetch(urlOf('?list-type=2'));
    for (const [, key = ''] of (await listing.text()).matchAll(/<Key>([^<]*)<\/Key>/g)) {
      if (!key.startsWith('.')) await fetch(urlOf(key), { method: 'DELETE' });
    }
    await endPrepare(await beginPrepare());
    expect(await etagOfCheckpoint()).not.toBe(before);
  });
});
