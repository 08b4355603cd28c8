import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import fc from 'fast-check';
import { Random } from '../selection/random.ts';
import { allocateLiveSet, LiveSet } from './live-set.ts';

const setOf = (count: number, members: Iterable<number> = []): LiveSet => {
  const set = new LiveSet(allocateLiveSet(count), count);
  for (const member of members) set.add(member);
  return set;
};

describe('LiveSet', () => {
  it('behaves like a set of numbers', () => {
    const change = fc.tuple(fc.boolean(), fc.nat(4999));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), fc.array(fc.nat(5100)), (changes, from) => {
        const set = setOf(5000);
        const model = new Set<number>();
        for (const [adds, member] of changes) {
          if (adds) {
            set.add(member);
            model.add(member);
          } else {
            expect(set.take(member)).toBe(model.delete(member));
          }
        }
        const sorted = [...model].toSorted((a, b) => a - b);
        for (const start of from) {
          expect(set.has(start)).toBe(model.has(start));
          expect(set.next(start)).toBe(sorted.find((member) => member >= start) ?? -1);
        }
        const any = set.any(new Random(seedOf(1n)));
        expect(model.size === 0 ? any === -1 : model.has(any)).toBe(true);
      }),
    );
  });

  it('is the same set whether its members are added one by one or assigned', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2999)), fc.nat(3000), (members, from) => {
        const wanted = new Set(members);
        const assigned = setOf(3000, [1, 2, 3]);
        assigned.assign(3000, (number) => wanted.has(number));
        const added = setOf(3000, members);
        expect(assigned.next(from)).toBe(added.next(from));
        for (const member of members) expect(assigned.take(member)).toBe(true);
        expect(assigned.next(0)).toBe(-1);
      }),
    );
  });

  it('takes one bit per object, and little more', () => {
    expect(allocateLiveSet(64_000_000).byteLength).toBeLessThan(8_300_000);
    expect(allocateLiveSet(0).byteLength).toBe(4);
  });

  it('finds the last of a hundred million members at once', () => {
    const count = 100_000_000;
    const set = setOf(count, [99_999_998]);
    expect(set.next(0)).toBe(99_999_998);
    expect(set.any(new Random(seedOf(2n)))).toBe(99_999_998);
    expect(set.take(99_999_998)).toBe(true);
    expect(set.next(0)).toBe(-1);
    expect(set.any(new Random(seedOf(2n)))).toBe(-1);
  });

  it('comes to every member when any is asked for', () => {
    const members = [3, 40, 41, 2000, 77_777, 99_999];
    const set = setOf(100_000, members);
    const random = new Random(seedOf(4n));
    const seen = new Set(Array.from({ length: 400 }, () => set.any(random)));
    expect([...seen].toSorted((a, b) => a - b)).toEqual(members);
  });

  it('gives a member to one of several threads, and loses none that they add', async () => {
    const count = 3_000;
    const memory = allocateLiveSet(count);
    const tallyMemory = new SharedArrayBuffer(4 * count);
    const source = new URL('live-set.ts', import.meta.url).href;
    const work = `
      const { workerData } = require('node:worker_threads');
      import(workerData.source).then(({ LiveSet }) => {
        const set = new LiveSet(workerData.memory, workerData.count);
        const tally = new Int32Array(workerData.tallyMemory);
        for (let round = 0; round < 20; round++) {
          for (let member = 0; member < workerData.count; member++) {
            // Who gets it puts it back, so that words become empty and full again all the time.
            if (set.take(member)) {
              if (Atomics.add(tally, member, 1) !== 0) throw new Error('taken twice');
              Atomics.sub(tally, member, 1);
              set.add(member);
            }
          }
        }
      });`;
    const set = new LiveSet(memory, count);
    for (let member = 0; member < count; member += 37) set.add(member);
    await Promise.all(
      [0, 1, 2].map(
        () =>
          new Promise((resolve, reject) => {
            const workerData = { source, memory, count, tallyMemory };
            new Worker(work, { eval: true, workerData })
              .once('exit', resolve)
              .once('error', reject);
          }),
      ),
    );
    const found: number[] = [];
    for (let at = set.next(0); at >= 0; at = set.next(at + 1)) found.push(at);
    expect(found).toEqual(Array.from({ length: Math.ceil(count / 37) }, (_, n) => n * 37));
  });
});
