import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskSecrets } from './mask-secrets.ts';
import { Secret } from './secret.ts';

const KEY = 'wJalr/XUtn"FEMI+key';

describe('maskSecrets()', () => {
  it.each([
    ['as it is', `denied: ${KEY}`],
    ['in an address', `http://host/?key=${encodeURIComponent(KEY)}&x=1`],
    ['in JSON', JSON.stringify({ key: KEY })],
  ])('takes a secret out that stands %s', (_, text) => {
    const masked = maskSecrets(text, [new Secret(KEY)]);
    expect(masked).toContain('***');
    expect(masked).not.toContain('FEMI');
  });

  it('leaves nothing of a secret that contains another', () => {
    const secrets = [new Secret('abcdefgh'), new Secret('abcdefgh-and-more')];
    expect(maskSecrets('x abcdefgh-and-more y', secrets)).toBe('x *** y');
  });

  it('leaves texts alone that are too short to be told from others', () => {
    expect(maskSecrets('us-east-1', [new Secret('1'), new Secret('')])).toBe('us-east-1');
  });

  it('leaves no secret in any text', () => {
    const secret = fc.string({ minLength: 8, maxLength: 40, unit: fc.constantFrom('a', 'b', '/') });
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (before, text, after) => {
        const masked = maskSecrets(`${before}${text}${after}`, [new Secret(text)]);
        return !masked.includes(text);
      }),
    );
  });
});
