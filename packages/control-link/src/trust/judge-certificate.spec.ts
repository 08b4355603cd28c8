import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CertificateFacts, judgeCertificate } from './judge-certificate.ts';

const facts: CertificateFacts = {
  fingerprint: 'A',
  isCertified: false,
  expected: [],
  known: undefined,
  isProven: false,
  hasToken: false,
};

describe('judgeCertificate()', () => {
  it.each<[string, Partial<CertificateFacts>, string]>([
    ['is named', { expected: ['B', 'A'] }, 'trusted'],
    ['is not among those that are named', { expected: ['B'] }, 'wrong'],
    [
      'is not the named one, though the token is proved',
      { expected: ['B'], isProven: true },
      'wrong',
    ],
    ['comes from an authority', { isCertified: true, hasToken: true }, 'trusted'],
    ['is new, without a token', {}, 'remember'],
    ['is new, and the token proved', { hasToken: true, isProven: true }, 'remember'],
    ['is new, and the token is not proved', { hasToken: true }, 'unproven'],
    ['is known', { known: 'A' }, 'trusted'],
    ['is known, and the token is not proved', { known: 'A', hasToken: true }, 'unproven'],
    ['has changed', { known: 'B' }, 'changed'],
    [
      'has changed, and the token is proved',
      { known: 'B', hasToken: true, isProven: true },
      'replace',
    ],
  ])('says of a certificate that %s', (_, given, verdict) => {
    expect(judgeCertificate({ ...facts, ...given })).toBe(verdict);
  });

  it('never trusts who cannot prove the token, unless the user has vouched for the certificate', () => {
    const some = fc.record({
      fingerprint: fc.constantFrom('A', 'B'),
      isCertified: fc.constant(false),
      expected: fc.constant([]),
      known: fc.constantFrom('A', 'B', undefined),
      isProven: fc.constant(false),
      hasToken: fc.constant(true),
    });
    fc.assert(fc.property(some, (given) => judgeCertificate(given) === 'unproven'));
  });
});
