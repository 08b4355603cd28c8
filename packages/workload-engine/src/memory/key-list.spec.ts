import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyList, packKeys } from './key-list.ts';

describe('KeyList', () => {
  it('holds the keys that were packed, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (keys) => {
        const list = new KeyList(packKeys(keys));
        expect(list.count).toBe(keys.length);
        const wellFormed = keys.map((key) => Buffer.from(key).toString());
        expect(keys.map((_, index) => list.keyAt(index))).toEqual(wellFormed);
      }),
    );
  });
});
