import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { BucketView } from './support/bucket.ts';
import { createdInCaches, createdInCheckpoint } from './support/known-objects.ts';
import { plannedObjects } from './support/planned-objects.ts';
import {
  type Agent,
  agentsOption,
  runController,
  startAgent,
  startController,
} from './support/programs.ts';
import { killAll, resumptionOf } from './support/resumption.ts';
import { until } from './support/until.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

const COUNT = 900;
/** Objects that are there when everything is killed. */
const MADE = 500;
/** Objects that are deleted when everything is killed: too few to be missed by looking at some. */
const GONE = 2;
const OBJECT_NAME = 'prepared-';

let server: S3TestServer;
let bucket: BucketView;
const agents: Agent[] = [];

beforeEach(async () => {
  server = await startS3TestServer({ buckets: ['bucket'], requestLog: 10_000 });
  bucket = new BucketView(server, 'bucket');
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
  bucket.close();
  await server.stop();
});

async function startAgents(count: number): Promise<readonly Agent[]> {
  const started = await Promise.all(Array.from({ length: count }, () => startAgent(server.env)));
  agents.push(...started);
  return started;
}

function workload({ path }: Workspace, more = ''): string {
  return `target: s3://${server.host}/bucket/
concurrency: 6
cache_checkpoint_interval_secs: 1
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: {type: uniform, min: 1, max: 2000}}]}
distributed: {kv_cache_dir: ${path}/cache}
${more}`;
}

/** How many objects all checkpoints together say to be created. */
async function createdByCheckpoints({ path }: Workspace): Promise<number> {
  const directory = mkdtempSync(join(path, 'checkpoints-'));
  let created = 0;
  for (const key of await bucket.checkpoints()) {
    const copy = join(directory, key);
    writeFileSync(copy, await bucket.get(key));
    created += await createdInCheckpoint(copy);
  }
  rmSync(directory, { recursive: true });
  return created;
}

/** Prepares until so many objects are there and known to be, in caches and checkpoints, and kills everything then. */
async function interrupt(
  workspace: Workspace,
  args: readonly string[],
  agentCount: number,
): Promise<void> {
  const stall = server.faults.add({
    match: { operation: 'PutObject', key: new RegExp(OBJECT_NAME), skip: MADE },
    fault: { kind: 'stall-request', afterBodyBytes: 0 },
  });
  const started = await startAgents(agentCount);
  const controller = startController(workspace.path, [...agentsOption(...started), ...args]);
  await until(async () => (await createdByCheckpoints(workspace)) === MADE);
  await until(async () => (await createdInCaches(join(workspace.path, 'cache'))) === MADE);
  await killAll(...started, controller);
  stall.remove();
}

function putsOfObjects(): number {
  return server
    .requests()
    .filter(({ operation, target }) => operation === 'PutObject' && target.includes(OBJECT_NAME))
    .length;
}

describe('a prepare on S3 whose agents and controller were killed', () => {
  it.each([
    { what: 'the same command', before: 1, after: 1, isLost: false },
    { what: 'more agents', before: 1, after: 2, isLost: false },
    { what: 'fewer agents', before: 3, after: 2, isLost: false },
    { what: 'a machine that knows nothing of it', before: 1, after: 1, isLost: true },
  ])('is gone on with by $what, and makes only what is missing', async (how) => {
    await inWorkspace(async (workspace) => {
      const yaml = workload(workspace);
      const config = workspace.workload('fill.yaml', yaml);
      const args = ['run', '--config', config, '--start-delay', '0'];
      await interrupt(workspace, args, how.before);
      expect((await bucket.objects()).size).toBe(MADE);
      if (how.isLost) rmSync(join(workspace.path, 'cache'), { recursive: true });

      const before = putsOfObjects();
      const { exitCode, output } = await runController(workspace.path, [
        ...agentsOption(...(await startAgents(how.after))),
        ...args,
      ]);
      expect(exitCode).toBe(0);
      expect(resumptionOf(output)).toEqual({ existing: MADE, missing: COUNT - MADE });
      expect(putsOfObjects() - before).toBe(COUNT - MADE);
      const results = workspace.results().at(-1) ?? '';
      expect(await bucket.objects()).toEqual(plannedObjects(yaml, results));
    });
  });
});

describe('a run on S3 that was killed while it deleted', () => {
  it('leaves no object that is taken to be there by a machine that has but a checkpoint from before', async () => {
    await inWorkspace(async (workspace) => {
      const deleting = workload(
        workspace,
        'duration: 60s\nworkload: [{op: delete, path: "*", weight: 1}]\n',
      );
      const [agent] = await startAgents(1);
      if (agent === undefined) throw new RangeError('no agent was started');
      const stall = server.faults.add({
        match: { operation: 'DeleteObject', key: new RegExp(OBJECT_NAME), skip: GONE },
        fault: { kind: 'stall-request', afterBodyBytes: 0 },
      });
      const controller = startController(workspace.path, [
        ...agentsOption(agent),
        ...['run', '--config', workspace.workload('delete.yaml', deleting), '--start-delay', '0'],
      ]);
      await until(() => stall.struck > 0);
      await killAll(agent, controller);
      stall.remove();
      expect((await bucket.objects()).size).toBe(COUNT - GONE);
      rmSync(join(workspace.path, 'cache'), { recursive: true });

      const yaml = workload(workspace);
      const { exitCode, output } = await runController(workspace.path, [
        ...agentsOption(...(await startAgents(1))),
        ...['run', '--config', workspace.workload('fill.yaml', yaml), '--start-delay', '0'],
      ]);
      expect(exitCode).toBe(0);
      expect(output).toMatch(
        /^⚠ agent-1: More may have been deleted than was written down: 900 objects are verified/m,
      );
      expect(resumptionOf(output)).toEqual({ existing: COUNT - GONE, missing: GONE });
      const results = workspace.results().at(-1) ?? '';
      expect(await bucket.objects()).toEqual(plannedObjects(yaml, results));
    });
  });
});
