import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type FaultHandle, type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { BucketView } from './support/bucket.ts';
import { plannedObjects } from './support/planned-objects.ts';
import { agentsOption, startAgent, startController } from './support/programs.ts';
import { readResult } from './support/tables.ts';
import { until, untilIdle } from './support/until.ts';
import { inWorkspace } from './support/workspace.ts';

/** 8 x 8 directories of 50 files. */
const OBJECTS = 3_200;
/** The outage begins when 95 % of the objects are there: each of the two endpoints has taken half of them. */
const PUTS_BEFORE = (OBJECTS / 2) * 0.95;
/** Attempts at an object; one that all of them have failed at is put off until the others are done. */
const ATTEMPTS = 4;
const OUTAGE_MS = 2_000;
const CHECKPOINT_INTERVAL_SECONDS = 1;
const OBJECT_NAME = '/file_';

function workload(endpoints: readonly S3TestServer[], cache: string): string {
  const addresses = endpoints.map(({ host }) => `"s3://${host}/bucket/"`);
  return `multi_endpoint: {endpoints: [${addresses.join(', ')}]}
concurrency: 16
cache_checkpoint_interval_secs: ${String(CHECKPOINT_INTERVAL_SECONDS)}
prepare:
  force_overwrite: true
  directory_structure: {width: 8, depth: 2, files_per_dir: 50}
  ensure_objects: [{base_uri: tree/, size_spec: {type: lognormal, mean: 8KiB, std_dev: 4KiB, min: 1KiB, max: 16KiB}}]
distributed: {kv_cache_dir: ${cache}}
`;
}

/** PUTs of objects that an endpoint has answered so, as often as they were, by key. */
function answersOf(server: S3TestServer, status: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const request of server.requests()) {
    if (request.operation !== 'PutObject' || request.status !== status) continue;
    if (!request.target.includes(OBJECT_NAME)) continue;
    counts.set(request.target, (counts.get(request.target) ?? 0) + 1);
  }
  return counts;
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}

/** How often the object was refused that was refused the most. */
function mostRefusals(servers: readonly S3TestServer[]): number {
  const counts = new Map<string, number>();
  for (const server of servers) {
    for (const [key, count] of answersOf(server, 503)) {
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  return Math.max(0, ...counts.values());
}

/** Answers with 503 from when nearly all objects are there, for some seconds, and until an object was refused so often. */
async function fail(servers: readonly S3TestServer[], refusals: number): Promise<void> {
  const outages = servers.map((server) =>
    server.faults.add({
      match: { operation: 'PutObject', key: new RegExp(OBJECT_NAME), skip: PUTS_BEFORE },
      fault: { kind: 'error', code: 'ServiceUnavailable' },
    }),
  );
  const hasBegun = ({ struck }: FaultHandle): boolean => struck > 0;
  await until(() => outages.some(hasBegun));
  await pause(OUTAGE_MS);
  await until(() => mostRefusals(servers) >= refusals);
  for (const outage of outages) outage.remove();
}

describe('a prepare over two endpoints of one bucket that takes no checkpoint', () => {
  it.each([
    { what: 'one of them fails', failing: [1], refusals: 1 },
    { what: 'both fail, so that objects have to be put off', failing: [0, 1], refusals: ATTEMPTS },
  ])('completes though $what for seconds near its end, and says what happened', async (outage) => {
    const one = await startS3TestServer({ buckets: ['bucket'], requestLog: 100_000 });
    const two = await one.openEndpoint();
    const endpoints = [one, two];
    const bucket = new BucketView(one, 'bucket');
    const agent = await startAgent(one.env);
    for (const { faults } of endpoints) {
      faults.add({
        match: { operation: 'PutObject', key: /\.sai3-cache-/ },
        fault: { kind: 'error', code: 'AccessDenied' },
      });
    }
    try {
      await inWorkspace(async (workspace) => {
        const yaml = workload(endpoints, `${workspace.path}/cache`);
        const controller = startController(workspace.path, [
          ...agentsOption(agent),
          ...['run', '--config', workspace.workload('seed.yaml', yaml), '--start-delay', '0'],
        ]);
        const failing = endpoints.filter((_, index) => outage.failing.includes(index));
        await fail(failing, outage.refusals);
        expect(await controller.ended).toBe(0);

        const output = controller.output();
        expect(output).toMatch(
          /⚠ agent-1: The checkpoint \S+ could not be written; the run goes on/,
        );
        const refused = sum(endpoints.flatMap((server) => [...answersOf(server, 503).values()]));
        expect(refused).toBeGreaterThan(0);
        expect(output).toMatch(
          new RegExp(`Total of 1 agent: .* 0 errors, ${refused.toLocaleString('en')} retried`),
        );
        const [results = ''] = workspace.results();
        const { stages } = JSON.parse(readResult(results, 'metadata.json')) as {
          stages: { name: string }[];
        };
        expect(stages.find(({ name }) => name === 'prepare')).toMatchObject({
          ...{ operations: OBJECTS, errors: 0, retries: refused, partial: null },
        });
        expect(await bucket.objects()).toEqual(plannedObjects(yaml, results));
        bucket.close();

        // One that was refused at all attempts would be an error now, had it not been put off.
        expect(mostRefusals(endpoints)).toBeGreaterThanOrEqual(outage.refusals);

        // Nothing of the run lives on: neither its processes nor a checkpoint that is tried again.
        await untilIdle(agent);
        const requests = (): number[] => endpoints.map((each) => each.stats().requests.total);
        const atTheEnd = requests();
        await pause(1.5 * CHECKPOINT_INTERVAL_SECONDS * 1000);
        expect(requests()).toEqual(atTheEnd);
        expect(endpoints.map((each) => each.stats().connections.open)).toEqual([0, 0]);
      });
    } finally {
      bucket.close();
      await agent.stop();
      await Promise.all(endpoints.map((server) => server.stop()));
    }
  });
});
