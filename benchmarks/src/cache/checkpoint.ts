import { join } from 'node:path';
import { readCheckpoint, writeCheckpoint } from '@sai3bench/metadata-cache';
import { type AgentPlan, parseWorkload, planAgent } from '@sai3bench/workload-config';
import type { SideStore } from '../../../packages/workload-engine/src/dataset/side-store/side-store.ts';
import { openSideStore } from '../../../packages/workload-engine/src/testing/open-side-store.ts';
import { median } from '../measure.ts';
import { startTestServer } from '../test-server.ts';
import {
  type CacheOptions,
  inDirectory,
  makeStates,
  MEGABYTE,
  mix,
  timed,
} from './measured-cache.ts';
import type { Result } from './result.ts';

const CHECKPOINT = '.sai3-cache-agent-1.tar.zst';

/**
 * A checkpoint of all objects in random states, from its snapshot to the end of its upload to a server in another
 * process that keeps none of it. It is made in a process of its own, whose memory is measured.
 */
export async function checkpoint({ directory: parent, objects }: CacheOptions): Promise<Result[]> {
  const server = await startTestServer('--lengths-only');
  Object.assign(process.env, server.env);
  const store = await openSideStore(planFor(`s3://${server.host}/bucket/`));
  try {
    return await inDirectory(parent, (directory) =>
      measureCheckpoints(join(directory, 'copy'), store, objects),
    );
  } finally {
    store.close();
    await server.stop();
  }
}

async function measureCheckpoints(
  path: string,
  store: SideStore,
  objects: number,
): Promise<Result[]> {
  const states = makeStates(objects);
  mix(states);
  const idleMb = process.memoryUsage().rss / MEGABYTE;
  let largestMb = idleMb;
  const watch = setInterval(() => {
    largestMb = Math.max(largestMb, process.memoryUsage().rss / MEGABYTE);
  }, 2);
  const range = { begin: 0, end: objects, generation: 1, sequence: 1 };
  const pools = [{ identity: 'pool', range, states }];
  let sizeBytes = 0;
  const writes: number[] = [];
  const uploads: number[] = [];
  for (let round = 0; round < 3; round++) {
    writes.push(
      await timed(async () => {
        const content = { agent: 'agent-1', bootId: 'benchmark', createdAt: new Date(), pools };
        ({ sizeBytes } = await writeCheckpoint(path, content));
      }),
    );
    uploads.push(await timed(() => store.putFile(CHECKPOINT, path)));
    if ((await store.stat(CHECKPOINT)) !== sizeBytes) throw new Error('the upload is not whole');
  }
  clearInterval(watch);
  const readMs = await timed(() => readCheckpoint(path));
  const wholes = writes.map((writeMs, round) => writeMs + (uploads[round] ?? 0));
  return [
    {
      what: 'checkpoint with its upload, random states',
      value: median(wholes),
      unit: 'ms',
      target: 2000,
    },
    { what: 'of that the upload', value: median(uploads), unit: 'ms' },
    { what: 'memory of a checkpoint', value: largestMb - idleMb, unit: 'MB', target: 100 },
    { what: 'size of the checkpoint', value: sizeBytes / MEGABYTE, unit: 'MB' },
    { what: 'checking it', value: readMs, unit: 'ms' },
  ];
}

function planFor(target: string): AgentPlan {
  const yaml = `target: ${target}\nworkload: [{op: get, path: x, weight: 1}]\n`;
  return planAgent(parseWorkload(yaml, 'cache.yaml'), {
    ...{ agentId: 'agent-1', agentIndex: 0, agentCount: 1, entry: undefined },
    ...{ runId: 'benchmark', dataSeed: '1' },
  });
}
