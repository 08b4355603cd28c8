import { cpSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { BucketView } from './support/bucket.ts';
import { DirectoryView } from './support/directory.ts';
import { plannedObjects } from './support/planned-objects.ts';
import { type Agent, agentsOption, runController, startAgent } from './support/programs.ts';
import { resumptionOf } from './support/resumption.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

/** Objects of each agent, in the order of their names. */
const OWN = 200;
/** Of those, what is deleted behind the back of an agent that loses its cache. */
const GONE = [3, OWN - 2, OWN - 1];

let server: S3TestServer;
let bucket: BucketView;
let agents: readonly Agent[];

beforeAll(async () => {
  server = await startS3TestServer({ buckets: ['bucket', 'other'] });
  bucket = new BucketView(server, 'bucket');
  agents = await Promise.all(Array.from({ length: 4 }, () => startAgent(server.env)));
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  bucket.close();
  await server.stop();
});

/** Where objects are, looked at and changed past the agents. */
interface Place {
  readonly target: string;
  /** A target at which other objects are. */
  readonly otherTarget: string;
  readonly view: {
    objects(): ReadonlyMap<string, number> | Promise<ReadonlyMap<string, number>>;
    delete(keys: readonly string[]): void | Promise<void>;
  };
}

function files({ path }: Workspace): Place {
  return {
    target: `file://${path}/data/`,
    otherTarget: `file://${path}/other/`,
    view: new DirectoryView(join(path, 'data')),
  };
}

function s3(): Place {
  return {
    target: `s3://${server.host}/bucket/`,
    otherTarget: `s3://${server.host}/other/`,
    view: bucket,
  };
}

function workload(target: string, count: number, cache: string): string {
  return `target: ${target}
concurrency: 4
prepare: {ensure_objects: [{count: ${String(count)}, size_spec: {type: uniform, min: 1, max: 2000}}]}
distributed: {shared_filesystem: true, kv_cache_dir: ${cache}}
`;
}

/** The directory of an agent's only cache below `parent`. */
function cacheOf(agentId: string, parent: string): string {
  const name = readdirSync(parent).find((each) => each.startsWith(`sai3-cache-${agentId}-`));
  return join(parent, name ?? `no cache of ${agentId}`);
}

function keysOf(agentNumber: number, positions: readonly number[]): string[] {
  return positions.map((position) => {
    const index = (agentNumber - 1) * OWN + position;
    return `prepared-${String(index).padStart(8, '0')}.dat`;
  });
}

function checkpointOf(agentId: string): string {
  return `.sai3-cache-${agentId}.tar.zst`;
}

async function run(workspace: Workspace, yaml: string, members = agents): Promise<string> {
  const { exitCode, output } = await runController(workspace.path, [
    ...agentsOption(...members),
    ...['run', '--config', workspace.workload('fill.yaml', yaml), '--start-delay', '0'],
  ]);
  expect(exitCode).toBe(0);
  return output;
}

describe('what agents know of their objects', () => {
  it.each([
    ['files', files],
    ['S3', s3],
  ] as const)(
    'is not believed where it is wrong: that is said, and repaired: %s',
    async (_, at) => {
      await inWorkspace(async (workspace) => {
        const { otherTarget, target, view } = at(workspace);
        const caches = join(workspace.path, 'cache');
        const yaml = workload(target, agents.length * OWN, caches);
        await run(workspace, yaml);

        // Of the first agent all objects are gone.
        await view.delete(keysOf(1, [...Array(OWN).keys()]));

        // The second one's cache is cut off, and there is no checkpoint in its place.
        const file = join(cacheOf('agent-2', caches), 'cache.db');
        truncateSync(file, statSync(file).size / 2);
        await view.delete([checkpointOf('agent-2'), ...keysOf(2, GONE)]);

        // The third one has a cache of other objects, and no checkpoint either.
        const otherCaches = join(workspace.path, 'other-cache');
        await run(workspace, workload(otherTarget, 10, otherCaches), agents.slice(2, 3));
        const foreign = cacheOf('agent-3', caches);
        rmSync(foreign, { recursive: true });
        cpSync(cacheOf('agent-1', otherCaches), foreign, { recursive: true });
        await view.delete([checkpointOf('agent-3'), ...keysOf(3, GONE)]);

        // Of the fourth one there is only a checkpoint, and since then objects were deleted.
        rmSync(cacheOf('agent-4', caches), { recursive: true });
        await view.delete(keysOf(4, GONE));

        const output = await run(workspace, yaml);
        const doubt = (agentId: string, of: string): RegExp =>
          new RegExp(`^⚠ ${agentId}: The ${of}`, 'm');
        const unfit =
          'cache does not fit the storage \\(.* is not there\\): 200 objects are verified';
        expect(output).toMatch(doubt('agent-1', unfit));
        expect(output).toMatch(
          doubt('agent-2', 'cache could not be used, objects are verified instead'),
        );
        expect(output).toMatch(
          doubt('agent-3', 'cache is one of other objects than these: 197 of 200 were found'),
        );
        expect(output).toMatch(doubt('agent-4', unfit));
        expect(output.match(/^⚠ agent-/gm)).toHaveLength(agents.length);

        const existing = 3 * (OWN - GONE.length);
        const missing = agents.length * OWN - existing;
        expect(resumptionOf(output)).toEqual({ existing, missing });
        const results = workspace.results().at(-1) ?? '';
        expect(await view.objects()).toEqual(plannedObjects(yaml, results));
      });
    },
  );
});
