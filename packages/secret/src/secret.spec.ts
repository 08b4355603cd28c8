import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from './secret.ts';

const TEXT = 'wJalrXUtnFEMI/K7MDENG';
const secret = new Secret(TEXT);
const untyped: unknown = secret;

describe('a secret', () => {
  it.each<[string, () => string]>([
    ['as text', () => String(secret)],
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- what must be safe even so
    ['in a template', () => `${secret}`],
    ['added to a text', () => 'x'.concat(untyped as string)],
    ['as JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['inspected', () => inspect({ secret }, { showHidden: true, depth: null })],
    ['inspected past its own method', () => inspect({ secret }, { customInspect: false })],
    ['in a message of an error', () => new Error(String(secret)).message],
    ['copied', () => JSON.stringify(Object.assign({}, secret))],
    ['cloned to another thread', () => inspect(structuredClone({ secret }))],
  ])('is not to be seen %s', (_, print) => {
    expect(print()).not.toContain(TEXT);
  });

  it('prints as ***', () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
      '***',
      '"***"',
      '***',
    ]);
  });

  it('gives its text to who asks for it', () => {
    fc.assert(fc.property(fc.string(), (text) => new Secret(text).expose() === text));
  });
});
