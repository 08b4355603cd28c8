import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3Operation, type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { openSideStore } from '../../testing/open-side-store.ts';
import { planOf } from '../../testing/run-plan.ts';
import { CheckpointStore } from './checkpoint-store.ts';

let server: S3TestServer;
let directory: TemporaryDirectory;
const undo: (() => void)[] = [];

beforeEach(async () => {
  server = await startS3TestServer({ buckets: ['bucket'], anonymous: true });
  directory = temporaryDirectory();
  Object.assign(process.env, server.env);
});
afterEach(async () => {
  for (const each of undo.splice(0)) each();
  for (const name of Object.keys(server.env)) Reflect.deleteProperty(process.env, name);
  directory.remove();
  await server.stop();
});

/** The first of two agents of a dataset; the environment leads to the server. */
async function open(
  idleMs: number,
): Promise<{ checkpoints: CheckpointStore; told: string[]; stop: () => void }> {
  const plan = planOf(`
target: s3://${server.host}/bucket/
workload: [{op: get, path: some/object, weight: 1}]
`);
  const store = await openSideStore(plan);
  undo.push(() => {
    store.close();
  });
  const told: string[] = [];
  const stopping = new AbortController();
  const checkpoints = new CheckpointStore(
    {
      ...{ store, prefix: '', agentId: 'agent-1', agentIndex: 0, agentIds: ['agent-1'] },
      canList: true,
    },
    { idleMs, stopping: stopping.signal, onTrouble: (text) => told.push(text) },
  );
  const stop = (): void => {
    stopping.abort();
  };
  return { checkpoints, told, stop };
}

/** Lets the server never answer to some requests; tells when one has come. */
function hang(operation: S3Operation): () => Promise<void> {
  const hanging = server.faults.add({
    match: { operation },
    fault: { kind: 'latency', ms: 3_600_000 },
  });
  return async () => {
    while (hanging.struck === 0) await new Promise((resolve) => setImmediate(resolve));
  };
}

describe('fetching checkpoints from a storage that does not answer', () => {
  it.each(['GetObject', 'ListObjectsV2'] as const)(
    'is given up where a %s does not get on, which is told',
    async (operation) => {
      hang(operation);
      const { checkpoints, told } = await open(100);
      expect(await checkpoints.fetch(directory.path)).toEqual([]);
      expect(checkpoints.hasFailed).toBe(true);
      expect(told).toEqual([
        expect.stringMatching(/^Checkpoints cannot be fetched, .* verified .*took too long/),
      ]);
    },
  );

  it('ends without a word when the run is stopped', async () => {
    const hasCome = hang('GetObject');
    const { checkpoints, stop, told } = await open(3_600_000);
    const fetching = checkpoints.fetch(directory.path);
    await hasCome();
    stop();
    expect(await fetching).toEqual([]);
    expect(checkpoints.hasFailed).toBe(true);
    expect(told).toEqual([]);
  });
});

describe('a checkpoint that is removed', () => {
  it('is given up with a signal, and not tried again', async () => {
    const hasCome = hang('DeleteObject');
    const { checkpoints } = await open(3_600_000);
    const limit = new AbortController();
    const removing = checkpoints.remove(limit.signal);
    await hasCome();
    limit.abort();
    await expect(removing).rejects.toMatchObject({ class: 'timeout' });
    expect(server.stats().requests.total).toBe(1);
  });
});
