import { describe, expect, it } from '@jest/globals';
import { tlsOnly } from './refusal.ts';

describe('who does not speak TLS to an agent that does', () => {
  it.each(['127.0.0.1', '::ffff:127.0.0.1', '::1'])('is told to, when it comes from %s', (from) => {
    expect(tlsOnly(from).message).toBe('this agent speaks TLS only: give --tls to sai3bench-ctl');
  });

  it('is told to leave away what keeps it from it, when it comes from another host', () => {
    expect(tlsOnly('10.0.0.7').message).toBe(
      'this agent speaks TLS only: start sai3bench-ctl without --insecure',
    );
  });
});
