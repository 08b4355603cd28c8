import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskTexts } from './mask-texts.ts';
import { Secret } from './secret.ts';

const KEY = 'wJalrXUtnFEMI/K7MDENG';
const secrets = [new Secret(KEY)];

describe('maskTexts()', () => {
  it('leaves a secret in no text of a value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.array(fc.string()), (value, before, texts) => {
        const told = { value, message: `${before}${KEY}`, causes: [...texts, [{ text: KEY }]] };
        return !JSON.stringify(maskTexts(told, secrets)).includes(KEY);
      }),
    );
  });

  it('changes nothing of a value in which no secret is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(maskTexts(value, secrets)).toEqual(value);
      }),
    );
  });

  it('passes bytes and shared memory on, and what it is told to', () => {
    const value = {
      ...{ type: KEY, bytes: new Uint8Array([1, 2]), shared: new SharedArrayBuffer(4) },
      ...{ when: new Date(0), count: 3n, missing: undefined },
    };
    const masked = maskTexts(value, secrets, new Set(['type']));
    expect(masked).toEqual(value);
    expect(masked.shared).toBe(value.shared);
    expect(masked.bytes).toBe(value.bytes);
  });

  it('leaves the value itself as it was', () => {
    const value = { message: KEY };
    expect(maskTexts(value, secrets)).toEqual({ message: '***' });
    expect(value).toEqual({ message: KEY });
    expect(maskTexts(value, [])).toBe(value);
  });
});
