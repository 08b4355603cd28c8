import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type TemporaryDirectory, temporaryDirectory } from '@sai3bench/testing';
import { encodeStates } from '../snapshot/state-codec.ts';
import { EncodedSource } from '../snapshot/state-source.ts';
import { OBJECT_STATES, type ObjectState } from '../states/object-state.ts';
import { ObjectStates } from '../states/object-states.ts';
import { SEGMENT_OBJECTS } from '../states/segment.ts';
import { allocateObjectStates } from '../states/state-memory.ts';
import type { AttachOptions } from './attach-range.ts';
import { MetadataCache } from './metadata-cache.ts';

function make(count: number): ObjectStates {
  return new ObjectStates(allocateObjectStates(count), count);
}

function open(directory: TemporaryDirectory, bootId = 'boot-1'): Promise<MetadataCache> {
  return MetadataCache.open({ directory: directory.path, bootId, now: () => new Date(0) });
}

/** Opens, attaches fresh states, and closes: what the file knows. */
async function reopened(
  directory: TemporaryDirectory,
  options: Partial<AttachOptions> & { count: number },
): Promise<ObjectStates> {
  const { count, ...rest } = options;
  const states = make(count);
  const cache = await open(directory);
  await cache.attach({ identity: 'pool', begin: 0, generation: 1, states, ...rest });
  await cache.close();
  return states;
}

describe('MetadataCache', () => {
  it('knows nothing at first', async () => {
    using directory = temporaryDirectory();
    const cache = await open(directory);
    const states = make(100);
    const pool = await cache.attach({ identity: 'pool', begin: 0, generation: 1, states });
    expect(cache.opening).toMatchObject({ isNew: true, setAside: undefined });
    expect(pool.report).toEqual({ restored: [], damaged: [], suspect: [] });
    expect(states.countOf('unknown')).toBe(100);
    await cache.close();
  });

  it('knows after reopening what was flushed, whatever was changed between flushes', async () => {
    const change = fc.tuple(fc.nat(9_999), fc.nat(3_000), fc.constantFrom(...OBJECT_STATES));
    const flushes = fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(flushes, fc.nat(100), async (rounds, begin) => {
        using directory = temporaryDirectory();
        const states = make(10_000);
        const cache = await open(directory);
        await cache.attach({ identity: 'pool', begin, generation: 1, states });
        for (const changes of rounds) {
          for (const [index, count, state] of changes) {
            states.fill(index, Math.min(index + count, states.count), state);
          }
          await cache.flush();
        }
        await cache.close();
        const found = await reopened(directory, { begin, count: 10_000 });
        expect(encodeStates(found)).toEqual(encodeStates(states));
      }),
      { numRuns: 25 },
    );
  });

  it('folds its log into segments and keeps every change', async () => {
    using directory = temporaryDirectory();
    const count = 6 * SEGMENT_OBJECTS;
    const states = make(count);
    const cache = await open(directory);
    await cache.attach({ identity: 'pool', begin: 0, generation: 1, states });
    for (let round = 0; round < 60; round++) {
      for (let change = 0; change < 2_000; change++) {
        const index = (change * 7_919 + round * 104_729) % count;
        states.set(index, OBJECT_STATES[(round + change) % OBJECT_STATES.length] ?? 'planned');
      }
      await cache.flush();
    }
    await cache.close();
    expect(encodeStates(await reopened(directory, { count }))).toEqual(encodeStates(states));
  });

  it('writes nothing when nothing has changed', async () => {
    using directory = temporaryDirectory();
    const cache = await open(directory);
    const states = make(100);
    await cache.attach({ identity: 'pool', begin: 0, generation: 1, states });
    const first = await cache.flush();
    expect(await cache.flush()).toEqual({ sequence: first.sequence, writtenBytes: 0 });
    await cache.close();
  });

  it('keeps pools apart and says what it knows of each', async () => {
    using directory = temporaryDirectory();
    const cache = await open(directory);
    for (const identity of ['a', 'b']) {
      const states = make(10);
      await cache.attach({ identity, begin: 0, generation: 7, states });
      states.fill(0, 10, identity === 'a' ? 'created' : 'failed');
    }
    const { sequence } = await cache.flush();
    expect(cache.identities()).toEqual(['a', 'b']);
    expect(cache.known('a')).toEqual([{ begin: 0, end: 10, generation: 7, sequence }]);
    expect(cache.known('c')).toEqual([]);
    await cache.close();
    const found = await reopened(directory, { identity: 'b', count: 10 });
    expect(found.countOf('failed')).toBe(10);
  });

  it('grows with its pool', async () => {
    using directory = temporaryDirectory();
    (await reopened(directory, { count: 1_000 })).fill(0, 0, 'planned');
    const cache = await open(directory);
    const states = make(1_000);
    await cache.attach({ identity: 'pool', begin: 0, generation: 1, states });
    states.fill(0, 1_000, 'created');
    await cache.close();
    const grown = await reopened(directory, { count: 200_000, generation: 2 });
    expect(grown.countOf('created')).toBe(1_000);
    expect(grown.countOf('unknown')).toBe(199_000);
    expect((await reopened(directory, { count: 200_000 })).countOf('created')).toBe(1_000);
  });

  it('keeps what a changed range leaves out until a newer one covers it', async () => {
    using directory = temporaryDirectory();
    const all = make(200_000);
    const first = await open(directory);
    await first.attach({ identity: 'pool', begin: 0, generation: 1, states: all });
    all.fill(0, 200_000, 'created');
    await first.close();

    const middle = await reopened(directory, { begin: 50_001, count: 99_998, generation: 2 });
    expect(middle.countOf('created')).toBe(99_998);
    const cache = await open(directory);
    expect(cache.known('pool')).toMatchObject([
      { begin: 0, end: 50_001, generation: 1 },
      { begin: 149_999, end: 200_000, generation: 1 },
      { begin: 50_001, end: 149_999, generation: 2 },
    ]);
    await cache.close();

    const again = await reopened(directory, { begin: 0, count: 200_000, generation: 3 });
    expect(again.countOf('created')).toBe(200_000);
    const last = await open(directory);
    expect(last.known('pool')).toMatchObject([{ begin: 0, end: 200_000, generation: 3 }]);
    await last.close();
  });

  it('says after a change of ranges and many flushes what a model says', async () => {
    const stretch = fc.tuple(fc.nat(150_000), fc.nat(90_000), fc.constantFrom(...OBJECT_STATES));
    await fc.assert(
      fc.asyncProperty(fc.array(stretch, { minLength: 1, maxLength: 5 }), async (owners) => {
        using directory = temporaryDirectory();
        const model = new Array<ObjectState>(240_001).fill('unknown');
        for (const [generation, [begin, length, state]] of owners.entries()) {
          const cache = await open(directory);
          const states = make(length + 1);
          await cache.attach({ identity: 'pool', begin, generation, states });
          const half = Math.floor(states.count / 2);
          states.fill(half, states.count, state);
          model.fill(state, begin + half, begin + states.count);
          await cache.close();
        }
        const found = await reopened(directory, { count: model.length, generation: 9 });
        expect(found.counts()).toEqual(
          Object.fromEntries(
            OBJECT_STATES.map((state) => [state, model.filter((each) => each === state).length]),
          ),
        );
        expect(model.findIndex((state, index) => found.get(index) !== state)).toBe(-1);
      }),
      { numRuns: 12 },
    );
  });

  it('believes others where they are newer, and itself where they are not', async () => {
    using directory = temporaryDirectory();
    const own = make(100);
    const cache = await open(directory);
    await cache.attach({ identity: 'pool', begin: 0, generation: 5, states: own });
    own.fill(0, 100, 'created');
    await cache.close();
    const other = make(50);
    other.fill(0, 50, 'deleted');
    const sourceOf = (begin: number, generation: number): EncodedSource =>
      new EncodedSource({ begin, end: begin + 50, generation, sequence: 9 }, encodeStates(other));
    const found = await reopened(directory, {
      count: 120,
      generation: 7,
      others: [sourceOf(0, 4), sourceOf(70, 6)],
    });
    expect(found.countOf('created', 0, 70)).toBe(70);
    expect(found.countOf('deleted', 70, 120)).toBe(50);
    const kept = await reopened(directory, { count: 120, generation: 8 });
    expect(encodeStates(kept)).toEqual(encodeStates(found));
  });

  it('forgets a pool that is dropped', async () => {
    using directory = temporaryDirectory();
    await reopened(directory, { count: 100_000 });
    const cache = await open(directory);
    await cache.drop('pool');
    expect(cache.identities()).toEqual([]);
    await cache.close();
  });

  it('keeps small values', async () => {
    using directory = temporaryDirectory();
    const cache = await open(directory);
    await cache.putValue('tree', { width: 24, depth: 4 });
    await cache.putValue('seeds', [1, 2]);
    await cache.putValue('seeds', undefined);
    await cache.close();
    const again = await open(directory);
    expect(again.valueNames()).toEqual(['tree']);
    expect(again.value('tree')).toEqual({ width: 24, depth: 4 });
    expect(again.value('seeds')).toBeUndefined();
    await again.close();
  });

  it('names after a reboot what was written since the storage was synced', async () => {
    using directory = temporaryDirectory();
    const states = make(1_000);
    const cache = await open(directory);
    const pool = await cache.attach({ identity: 'pool', begin: 100, generation: 1, states });
    states.fill(0, 640, 'created');
    await cache.flush();
    pool.beginSync();
    states.fill(640, 704, 'created');
    await cache.flush();
    pool.synced();
    await cache.close();

    const suspectAfter = async (bootId: string): Promise<unknown> => {
      const later = await open(directory, bootId);
      const { report } = await later.attach({
        identity: 'pool',
        begin: 100,
        generation: 2,
        states: make(1_000),
      });
      await later.close();
      return report.suspect;
    };
    expect(await suspectAfter('boot-1')).toEqual([]);
    expect(await suspectAfter('boot-2')).toEqual([{ begin: 740, end: 804 }]);
    // Nobody has verified them yet.
    expect(await suspectAfter('boot-2')).toEqual([{ begin: 740, end: 804 }]);
    expect(await suspectAfter('boot-1')).toEqual([]);
  });
});
