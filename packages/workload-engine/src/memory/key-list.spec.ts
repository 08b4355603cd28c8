import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyList, type KeyListMemory } from './key-list.ts';
import { KeyPacker } from './key-packer.ts';
import { MemoryBudget } from './memory-budget.ts';
import { SortedKeys } from './sorted-keys.ts';

const PLENTY = 2 ** 30;

function bytesOf({ blocks, segments }: KeyListMemory): number {
  return segments.reduce((sum, { byteLength }) => sum + byteLength, blocks.byteLength);
}

const key = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme', minLength: 150, maxLength: 400 }),
  fc.nat(9_999).map((number) => `data/prepared-${String(number).padStart(8, '0')}.dat`),
);

describe('KeyList', () => {
  it('holds the keys that were packed, in order', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 200 }), (keys) => {
        const packer = new KeyPacker(new MemoryBudget(PLENTY));
        for (const each of keys) packer.add(each);
        const list = new KeyList(packer.finish());
        expect(list.count).toBe(keys.length);
        const wellFormed = keys.map((each) => Buffer.from(each).toString());
        expect(keys.map((_, index) => list.keyAt(index))).toEqual(wellFormed);
        expect([...list]).toEqual(wellFormed);
      }),
    );
  });

  it('finds keys in any of several segments', () => {
    const packer = new KeyPacker(new MemoryBudget(PLENTY));
    const keyOf = (index: number): string =>
      `${String((index * 7919) % 99_991)}/${'x'.repeat(index % 300)}`;
    for (let index = 0; index < 20_000; index++) packer.add(keyOf(index));
    const memory = packer.finish();
    expect(memory.segments.length).toBeGreaterThan(3);
    const list = new KeyList(memory);
    for (let index = 0; index < 20_000; index += 97) expect(list.keyAt(index)).toBe(keyOf(index));
    expect(list.keyAt(19_999)).toBe(keyOf(19_999));
  });

  it('takes a few bytes for each of names that count up', () => {
    const packer = new KeyPacker(new MemoryBudget(PLENTY));
    for (let index = 0; index < 100_000; index++) {
      packer.add(`some/long/prefix/of/objects/prepared-${String(index).padStart(8, '0')}.dat`);
    }
    expect(bytesOf(packer.finish()) / 100_000).toBeLessThan(12);
  });
});

describe('SortedKeys', () => {
  const numbered = (number: number): string => `k${String(number).padStart(7, '0')}`;

  it('gives back what was added, sorted, and each key once', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 300 }), (keys) => {
        const sorted = new SortedKeys(new MemoryBudget(PLENTY));
        for (const each of keys) sorted.add(each);
        const wellFormed = [...new Set(keys.toSorted())].map((each) =>
          Buffer.from(each).toString(),
        );
        expect([...new KeyList(sorted.finish())]).toEqual(wellFormed);
      }),
    );
  });

  it.each([
    ['in order', (index: number) => index],
    ['from the end', (index: number) => 199_999 - index],
    ['scattered', (index: number) => (index * 7919) % 200_000],
    ['twice', (index: number) => index % 100_000],
  ])('sorts more keys than it holds as strings: %s', (_, numberOf) => {
    const sorted = new SortedKeys(new MemoryBudget(PLENTY));
    const numbers = new Set<number>();
    for (let index = 0; index < 200_000; index++) {
      numbers.add(numberOf(index));
      sorted.add(numbered(numberOf(index)));
    }
    const list = new KeyList(sorted.finish());
    expect(list.count).toBe(numbers.size);
    let index = 0;
    for (const each of list) {
      if (each !== numbered(index)) throw new RangeError(`${each} is number ${String(index)}`);
      index++;
    }
  });

  it('says that there are too many instead of taking more memory than it may', () => {
    const sorted = new SortedKeys(new MemoryBudget(2 ** 20));
    expect(() => {
      for (let index = 0; index < 1_000_000; index++) sorted.add(`${String(index * 7919)}/object`);
    }).toThrow(
      expect.objectContaining({
        code: 'TOO_MANY_KEYS',
        class: 'resource',
        message: expect.stringContaining('do not fit into 1 MiB'),
      }),
    );
  });
});
