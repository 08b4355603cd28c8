import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import { RangePicker } from './range-picker.ts';
import { Random } from './random.ts';

function picker(sizeBytes: number, offset: 'random' | 'start'): RangePicker {
  return new RangePicker({ sizeBytes, offset }, new Random(seedOf(1n)));
}

describe('RangePicker', () => {
  it.each(['random', 'start'] as const)('takes no part of an empty object (%s)', (offset) => {
    expect(picker(100, offset).pick(0)).toBeUndefined();
  });

  it.each(['random', 'start'] as const)('takes all of a short object (%s)', (offset) => {
    expect(picker(100, offset).pick(60)).toEqual({ offsetBytes: 0, lengthBytes: 60 });
    expect(picker(100, offset).pick(100)).toEqual({ offsetBytes: 0, lengthBytes: 100 });
  });

  it.each(['random', 'start'] as const)(
    'begins at the start where it does not know (%s)',
    (offset) => {
      expect(picker(100, offset).pick(-1)).toEqual({ offsetBytes: 0, lengthBytes: 100 });
    },
  );

  it('takes the first bytes of every object where it is to', () => {
    expect(picker(100, 'start').pick(1e6)).toEqual({ offsetBytes: 0, lengthBytes: 100 });
  });

  it('takes every place at random, each as often: blocks of 4 KiB, and the end', () => {
    const parts = picker(4_096, 'random');
    const counts = new Map<number, number>();
    for (let draw = 0; draw < 8_000; draw++) {
      const part = parts.pick(3 * 4_096 + 100);
      expect(part?.lengthBytes).toBe(4_096);
      const offset = part?.offsetBytes ?? -1;
      counts.set(offset, (counts.get(offset) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([0, 4_096, 8_192, 8_292]);
    for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });

  it('reaches the last byte of a huge object', () => {
    const objectBytes = 5 * 2 ** 40;
    const parts = picker(objectBytes - 10, 'random');
    const ends = Array.from({ length: 50 }, () => {
      const { lengthBytes = 0, offsetBytes = 0 } = parts.pick(objectBytes) ?? {};
      return offsetBytes + lengthBytes;
    });
    expect(new Set(ends)).toEqual(new Set([objectBytes - 10, objectBytes]));
  });
});
