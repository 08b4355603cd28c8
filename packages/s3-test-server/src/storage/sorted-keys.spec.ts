import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys } from './compare-keys.ts';
import { SortedKeys } from './sorted-keys.ts';

const all = (keys: SortedKeys): string[] => [...keys.from(() => false)];

describe('compareKeys()', () => {
  it('orders as the UTF-8 bytes do', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareKeys(a, b))).toBe(expected);
      }),
    );
    expect(compareKeys('\u{1f600}', '\uffff')).toBeGreaterThan(0);
  });
});

describe('SortedKeys', () => {
  it('keeps what was added and not removed, in order', () => {
    const key = fc.stringMatching(/^[a-c]{1,4}$/);
    const step = fc.record({ remove: fc.boolean(), key });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const keys = new SortedKeys();
        const model = new Set<string>();
        for (const { key: each, remove } of steps) {
          if (remove) keys.remove(each);
          else if (!model.has(each)) keys.add(each);
          if (remove) model.delete(each);
          else model.add(each);
        }
        expect(all(keys)).toEqual([...model].sort());
        expect(keys.size).toBe(model.size);
      }),
    );
  });

  it.each([
    ['in order', (index: number) => index],
    ['backwards', (index: number) => 5_000 - index],
    ['in disorder', (index: number) => (index * 7_919) % 5_000],
  ])('stays in order over many blocks filled %s', (_, place) => {
    const keys = new SortedKeys();
    const name = (index: number): string => String(index).padStart(6, '0');
    for (let index = 0; index < 5_000; index++) keys.add(name(place(index)));
    const expected = Array.from({ length: 5_000 }, (__, index) => name(place(index))).sort();
    expect(all(keys)).toEqual(expected);
    expect([...keys.from((key) => key < '004990')]).toHaveLength(
      expected.filter((key) => key >= '004990').length,
    );
    for (const key of expected) keys.remove(key);
    expect(all(keys)).toEqual([]);
  });
});
