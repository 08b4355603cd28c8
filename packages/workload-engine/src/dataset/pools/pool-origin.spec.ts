import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { datasetSuite } from '../../testing/dataset-suite.ts';
import { type OpenDataset, openDataset } from '../../testing/open-dataset.ts';
import { planOf } from '../../testing/run-plan.ts';

const COUNT = 5;

const suite = datasetSuite();
let server: S3TestServer;

beforeEach(async () => {
  server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
  Object.assign(process.env, server.env);
});
afterEach(async () => {
  for (const name of Object.keys(server.env)) Reflect.deleteProperty(process.env, name);
  await server.stop();
});

/** A run that is about to make what is missing of a dataset, by way of one of the server's names. */
async function prepare(host: string): Promise<OpenDataset> {
  const run = await openDataset(
    planOf(`
target: s3://${host}:${new URL(server.url).port}/bucket/
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: 10}]}
distributed: {kv_cache_dir: ${suite.cache}, stages: [{name: fill, order: 1, type: prepare}]}
`),
  );
  await run.dataset.load(
    'prepare',
    () => false,
    () => undefined,
  );
  for (const { objects, states } of run.pools) {
    for (let index = 0; index < COUNT; index++) {
      const url = `${server.url}/bucket/${objects.dataset.keyOf(index)}`;
      await fetch(url, { method: 'PUT', body: '0123456789' });
      states.set(index, 'created');
    }
  }
  await run.dataset.stageEnded('prepare', true);
  await run.close();
  return run;
}

describe('a dataset that was made by way of another endpoint', () => {
  it('is told of, by the run that made it', async () => {
    await prepare('127.0.0.1');
    const { notices } = await prepare('localhost');
    expect(notices.join('\n')).toMatch(
      /prepared-\* were made by run testrun of .*Z, by way of s3:\/\/127\.0\.0\.1:\d+\/bucket\//,
    );
  });

  it('is not told of where the endpoint is the same', async () => {
    await prepare('127.0.0.1');
    const { notices } = await prepare('127.0.0.1');
    expect(notices.join('\n')).not.toContain('made by run');
  });
});
