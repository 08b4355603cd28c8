import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type Child, startChild, temporaryDirectory } from '@sai3bench/testing';
import { ObjectStates } from '../states/object-states.ts';
import { allocateObjectStates } from '../states/state-memory.ts';
import { MetadataCache } from './metadata-cache.ts';

const PROGRAM = join(import.meta.dirname, '..', 'testing', 'flush-loop.ts');
/** A prime, so that its steps reach every object. */
const COUNT = 999_983;
const STEP = 7_919;
const KILLS = 8;

function startLoop(directory: string, limit = ''): Child {
  const command = `${limit} exec "$0" "$@"`;
  const node = [process.execPath, '--conditions=@sai3bench/source', PROGRAM];
  return startChild('bash', ['-c', command, ...node, directory, String(COUNT)], {
    env: { NODE_OPTIONS: '--no-warnings' },
  });
}

/** How far the process said that it had come. */
function lastFlushed(child: Child): number {
  return Number(/flushed (\d+)\n(?!.*flushed \d+\n)/s.exec(child.output())?.[1] ?? 0);
}

async function read(directory: string): Promise<{ cache: MetadataCache; states: ObjectStates }> {
  const states = new ObjectStates(allocateObjectStates(COUNT), COUNT);
  const cache = await MetadataCache.open({ directory, bootId: 'boot', now: () => new Date() });
  await cache.attach({ identity: 'pool', begin: 0, generation: 1, states });
  return { cache, states };
}

/** How many objects are created in the order in which they are marked, and whether there are any others. */
function createdInOrder(states: ObjectStates): { inOrder: number; all: number } {
  let inOrder = 0;
  while (states.get((inOrder * STEP) % COUNT) === 'created') inOrder++;
  return { inOrder, all: states.countOf('created') };
}

describe('a process that is killed', () => {
  it('has lost nothing that it had flushed, and leaves a cache that the next one takes over', async () => {
    using directory = temporaryDirectory();
    // Each starts from nothing again, over what the one before has left.
    let before = 0;
    for (let round = 0; round < KILLS; round++) {
      const child = startLoop(directory.path);
      await child.printed('flushed');
      await sleep(Math.random() * 300);
      child.process.kill('SIGKILL');
      await child.ended;
      const { cache, states } = await read(directory.path);
      expect(cache.opening.takenOverFrom?.pid).toBe(child.process.pid);
      expect(cache.opening.setAside).toBeUndefined();
      const { inOrder, all } = createdInOrder(states);
      expect(inOrder).toBeGreaterThanOrEqual(Math.max(lastFlushed(child), before));
      expect(all).toBe(inOrder);
      before = inOrder;
      await cache.close();
    }
  });

  it('refuses its cache to others as long as it lives', async () => {
    using directory = temporaryDirectory();
    const child = startLoop(directory.path);
    await child.printed('flushed');
    await expect(read(directory.path)).rejects.toMatchObject({
      code: 'CACHE_IN_USE',
      message: expect.stringContaining(`process ${String(child.process.pid)} `) as unknown,
    });
    child.process.kill('SIGKILL');
    await child.ended;
  });
});

describe('a disk that is full', () => {
  it('fails flushes and loses nothing, and the first that succeeds makes up for them', async () => {
    using directory = temporaryDirectory();
    const limitKiB = 700;
    const child = startLoop(directory.path, `ulimit -S -f ${String(limitKiB)};`);
    await child.printed(/failed CACHE_(IO|DISK_FULL)/);
    execFileSync('prlimit', ['--pid', String(child.process.pid), '--fsize=unlimited']);
    await child.printed(/failed (?!.*failed ).*flushed \d+\n/s);
    child.process.kill('SIGKILL');
    await child.ended;
    const { cache, states } = await read(directory.path);
    const { inOrder, all } = createdInOrder(states);
    expect(inOrder).toBeGreaterThanOrEqual(lastFlushed(child));
    expect(all).toBe(inOrder);
    await cache.close();
  });
});
