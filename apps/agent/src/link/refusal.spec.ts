import { describe, expect, it } from '@jest/globals';
import { ErrorDetailSchema } from '@sai3bench/barrier-protocol';
import { tlsOnly } from './refusal.ts';

/** What the controller is told to do. */
const remedies = (from: string): string[] =>
  tlsOnly(from)
    .findDetails(ErrorDetailSchema)
    .map(({ hint }) => hint);

describe('who does not speak TLS to an agent that does', () => {
  it.each(['127.0.0.1', '::ffff:127.0.0.1', '::1'])('is told to, when it comes from %s', (from) => {
    expect(tlsOnly(from).rawMessage).toBe('this agent speaks TLS only');
    expect(remedies(from)).toEqual(['give --tls to sai3bench-ctl']);
  });

  it('is told to leave away what keeps it from it, when it comes from another host', () => {
    expect(remedies('10.0.0.7')).toEqual(['start sai3bench-ctl without --insecure']);
  });
});
