import { describe, expect, it } from '@jest/globals';
import { Secret } from '@sai3bench/secret';
import fc from 'fast-check';
import { type Exchange, isProof, newNonce, parseNonce, proofOf } from './proof.ts';

const token = new Secret('t'.repeat(32));
const exchange: Exchange = {
  controllerNonce: Buffer.alloc(32, 1),
  agentNonce: Buffer.alloc(32, 2),
  binding: Buffer.alloc(32, 3),
};
const expected = proofOf(token, 'controller', exchange);

describe('a proof of the token', () => {
  it.each<[string, () => Buffer]>([
    ['another token', () => proofOf(new Secret('x'.repeat(32)), 'controller', exchange)],
    ['the other end', () => proofOf(token, 'agent', exchange)],
    [
      'another connection',
      () => proofOf(token, 'controller', { ...exchange, binding: newNonce() }),
    ],
    [
      'a connection without TLS',
      () => proofOf(token, 'controller', { ...exchange, binding: Buffer.alloc(0) }),
    ],
    [
      'an earlier question',
      () => proofOf(token, 'controller', { ...exchange, agentNonce: newNonce() }),
    ],
    [
      'somebody else who asked',
      () => proofOf(token, 'controller', { ...exchange, controllerNonce: newNonce() }),
    ],
  ])('is not that of %s', (_, proof) => {
    expect(isProof(proof().toString('base64url'), expected)).toBe(false);
  });

  it('is recognised', () => {
    expect(isProof(expected.toString('base64url'), expected)).toBe(true);
  });

  it('is not found in any other text', () => {
    fc.assert(fc.property(fc.string(), (text) => !isProof(text, expected)));
    expect([undefined, ['a'], ''].some((text) => isProof(text, expected))).toBe(false);
  });

  it('is asked for with 32 bytes, no more and no less', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url');
        expect(parseNonce(text)?.length).toBe(bytes.length === 32 ? 32 : undefined);
      }),
    );
  });
});
