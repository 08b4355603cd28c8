import { describe, expect, it } from '@jest/globals';
import { decideLink, type LinkWishes } from './link-policy.ts';

const wishes: LinkWishes = {
  side: 'agent',
  where: '10.0.0.1:7167',
  isLoopback: false,
  tls: false,
  insecure: false,
  hasToken: false,
  hasClientCertificates: false,
  tokenRecipe: 'make a token',
};

describe('decideLink()', () => {
  it.each<[string, Partial<LinkWishes>, string]>([
    ['loopback', { isLoopback: true }, 'local'],
    ['loopback with a token', { isLoopback: true, hasToken: true }, 'local'],
    ['loopback and --insecure', { isLoopback: true, insecure: true }, 'local'],
    ['loopback and --tls', { isLoopback: true, tls: true }, 'tls'],
    ['another host and a token', { hasToken: true }, 'tls'],
    ['another host, a token and --tls', { hasToken: true, tls: true }, 'tls'],
    ['another host and certificates of controllers', { hasClientCertificates: true }, 'tls'],
    ['another host and --insecure', { insecure: true }, 'open'],
    ['another host, --insecure and a token', { insecure: true, hasToken: true }, 'open'],
  ])('decides for %s', (_, given, kind) => {
    expect(decideLink({ ...wishes, ...given })).toBe(kind);
  });

  it.each<[string, Partial<LinkWishes>]>([
    ['the agent', { side: 'agent' }],
    ['the agent, whatever TLS would do', { side: 'agent', tls: true }],
    ['the controller', { side: 'controller', where: 'agent a at 10.0.0.1:7167' }],
  ])('lets nobody use an agent beyond loopback without a token: %s', (_, given) => {
    expect(() => decideLink({ ...wishes, ...given })).toThrow(
      expect.objectContaining({
        code: 'LINK_UNLOCKED',
        hint: expect.stringMatching(/make one: make a token .* --insecure on both sides/),
      }),
    );
  });

  it('does not guess when both TLS and none are asked for', () => {
    expect(() => decideLink({ ...wishes, insecure: true, tls: true })).toThrow(
      expect.objectContaining({ code: 'LINK_CONTRADICTION' }),
    );
  });
});
