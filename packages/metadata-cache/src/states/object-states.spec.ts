import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copyStates } from './copy-states.ts';
import { OBJECT_STATES, type ObjectState } from './object-state.ts';
import { ObjectStates } from './object-states.ts';
import { packBlocks, unpackBlocks } from './packed-states.ts';
import { allocateObjectStates, BLOCK_OBJECTS, viewStates } from './state-memory.ts';

const COUNT = 200;

function make(count: number): ObjectStates {
  return new ObjectStates(allocateObjectStates(count), count);
}

/** Takes the numbers of the blocks that are marked as changed. */
function takeDirtyBlocks(states: ObjectStates): number[] {
  const { dirty } = viewStates(states.memory, states.count);
  const blocks = [...dirty].flatMap((bits, word) =>
    Array.from({ length: 32 }, (_, bit) => ((bits >>> bit) & 1 ? [word * 32 + bit] : [])).flat(),
  );
  dirty.fill(0);
  return blocks;
}

/** Runs a thread for each of four shares of the objects; `body` changes `states` from `first` on. */
async function inFourThreads(states: ObjectStates, body: string): Promise<void> {
  const source = new URL('object-states.ts', import.meta.url).href;
  const { memory, count } = states;
  const work = `
    const { workerData: { source, memory, count, first } } = require('node:worker_threads');
    import(source).then(({ ObjectStates }) => {
      const states = new ObjectStates(memory, count);
      ${body}
    });`;
  await Promise.all(
    [0, 1, 2, 3].map(
      (first) =>
        new Promise((resolve, reject) => {
          new Worker(work, { eval: true, workerData: { source, memory, count, first } })
            .once('exit', resolve)
            .once('error', reject);
        }),
    ),
  );
}

const state = fc.constantFrom(...OBJECT_STATES);
const index = fc.nat(COUNT - 1);
const range = fc
  .tuple(fc.nat(COUNT), fc.nat(COUNT))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const step = fc.oneof(
  fc.record({ type: fc.constant('set' as const), index, state }),
  fc.record({ type: fc.constant('fill' as const), range, state }),
  fc.record({ type: fc.constant('replace' as const), range, state, to: state }),
);

describe('ObjectStates', () => {
  it('begin as unknown and take half a byte each, and a bit for every 64', () => {
    expect(make(1000).countOf('unknown')).toBe(1000);
    expect(allocateObjectStates(64_000_000).byteLength).toBe(32_000_000 + 125_000);
  });

  it('behave like an array of states, and mark what has changed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), range, (steps, [begin, end]) => {
        const states = make(COUNT);
        const model = new Array<ObjectState>(COUNT).fill('unknown');
        for (const each of steps) {
          const before = [...model];
          if (each.type === 'set') {
            states.set(each.index, each.state);
            model[each.index] = each.state;
          } else if (each.type === 'fill') {
            states.fill(...each.range, each.state);
            model.fill(each.state, ...each.range);
          } else {
            const [first, last] = each.range;
            for (let at = first; at < last; at++) if (model[at] === each.state) model[at] = each.to;
            const changes = model.filter((now, at) => now !== before[at]).length;
            expect(states.replace(each.state, each.to, first, last)).toBe(changes);
          }
          const changed = new Set(
            model.flatMap((now, at) =>
              now === before[at] ? [] : [Math.floor(at / BLOCK_OBJECTS)],
            ),
          );
          expect([...changed]).toEqual(
            takeDirtyBlocks(states).filter((block) => changed.has(block)),
          );
        }
        expect(model.map((_, at) => states.get(at))).toEqual(model);
        const part = model.slice(begin, end);
        const counts = states.counts(begin, end);
        for (const each of OBJECT_STATES) {
          const found = part.filter((one) => one === each).length;
          expect(states.countOf(each, begin, end)).toBe(found);
          expect(counts[each]).toBe(found);
          const next = part.indexOf(each);
          expect(states.nextIn(each, begin, end)).toBe(next < 0 ? end : begin + next);
          const other = part.findIndex((one) => one !== each);
          expect(states.nextNotIn(each, begin, end)).toBe(other < 0 ? end : begin + other);
        }
      }),
    );
  });

  it('mark a block only when one of its objects has changed', () => {
    const states = make(COUNT);
    states.set(70, 'created');
    expect(takeDirtyBlocks(states)).toEqual([1]);
    states.set(70, 'created');
    expect(states.replace('failed', 'planned')).toBe(0);
    expect(takeDirtyBlocks(states)).toEqual([]);
    states.touch(0, COUNT);
    expect(takeDirtyBlocks(states)).toEqual([0, 1, 2, 3]);
  });

  it('copy from any place to any other', () => {
    fc.assert(
      fc.property(
        fc.array(state, { minLength: COUNT, maxLength: COUNT }),
        fc.nat(COUNT),
        fc.nat(COUNT),
        fc.nat(COUNT),
        (values, from, to, length) => {
          const count = Math.min(length, COUNT - from, COUNT - to);
          const [source, target] = [make(COUNT), make(COUNT)];
          values.forEach((value, at) => {
            source.set(at, value);
          });
          target.fill(0, COUNT, 'failed');
          copyStates(source, from, target, to, count);
          const expected = values.map((_, at) =>
            at >= to && at < to + count ? values[at - to + from] : 'failed',
          );
          expect(values.map((_, at) => target.get(at))).toEqual(expected);
        },
      ),
    );
  });

  it('take three bits each when they are packed', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 128, maxLength: 128 }), (values) => {
        const states = make(128);
        values.forEach((value, at) => {
          states.set(at, value);
        });
        const { words } = viewStates(states.memory, 128);
        const packed = new Int32Array(12);
        packBlocks(words, 0, 2, packed, 0);
        const unpacked = new Int32Array(16);
        unpackBlocks(packed, 0, 2, unpacked, 0);
        expect(unpacked).toEqual(words.slice());
      }),
    );
  });

  it('keep the changes of threads that work on neighbouring objects', async () => {
    const states = make(8_000);
    await inFourThreads(
      states,
      `for (let index = first; index < count; index += 4) {
        states.set(index, 'creating');
        states.set(index, 'created');
      }`,
    );
    expect(states.countOf('created')).toBe(8_000);
    expect(takeDirtyBlocks(states)).toHaveLength(125);
  });

  it('stay states when threads replace and set them at once', async () => {
    const states = make(8_000);
    await inFourThreads(
      states,
      `for (let round = 0; round < 40; round++) {
        if (first % 2) states.replace('created', 'deleted');
        else for (let index = 0; index < count; index++) states.set(index, 'created');
      }`,
    );
    expect(states.countOf('created') + states.countOf('deleted')).toBe(8_000);
  });

  it('let a thread take every change that others make meanwhile', async () => {
    const states = make(64_000);
    const seen = make(64_000);
    const { words, dirty } = viewStates(states.memory, states.count);
    const copy = viewStates(seen.memory, seen.count).words;
    const take = (): void => {
      for (let word = 0; word < dirty.length; word++) {
        const bits = Atomics.exchange(dirty, word, 0);
        for (let bit = 0; bit < 32; bit++) {
          const first = (word * 32 + bit) * 8;
          if ((bits >>> bit) & 1) copy.set(words.subarray(first, first + 8), first);
        }
      }
    };
    const progress = { isDone: false };
    const threads = inFourThreads(
      states,
      `for (const state of ['creating', 'created', 'deleted', 'created'])
        for (let index = first; index < count; index += 4) states.set(index, state);`,
    ).then(() => (progress.isDone = true));
    while (!progress.isDone) {
      take();
      await new Promise(setImmediate);
    }
    await threads;
    take();
    expect(seen.countOf('created')).toBe(64_000);
  });
});
