import { describe, expect, it } from '@jest/globals';
import { BenchError } from './bench-error.ts';
import { formatError, summarizeError } from './format-error.ts';

const refused = Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' });

describe('formatError()', () => {
  it('prints what failed, every cause, and what to do', () => {
    const error = new BenchError('cannot reach agent-1', {
      code: 'AGENT_UNREACHABLE',
      class: 'network',
      hint: 'start the agent',
      cause: refused,
    });
    expect(formatError(error)).toBe(
      'cannot reach agent-1: connect failed (ECONNREFUSED)\n  -> start the agent',
    );
  });

  it('never prints a stack trace', () => {
    expect(formatError(refused)).not.toContain('at ');
  });
});

describe('summarizeError()', () => {
  it('does not repeat a cause that the message already contains', () => {
    const inner = new Error('disk full');
    expect(summarizeError(new Error('write failed: disk full', { cause: inner }))).toBe(
      'write failed: disk full',
    );
  });

  it('follows the first error of an AggregateError', () => {
    expect(summarizeError(new AggregateError([refused], 'all addresses failed'))).toBe(
      'all addresses failed: connect failed (ECONNREFUSED)',
    );
  });

  it('ends on a cause that leads back to itself', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(summarizeError(loop)).toBe('loop');
  });

  it('takes thrown values that are not errors', () => {
    expect(summarizeError('plain text')).toBe('plain text');
  });
});
