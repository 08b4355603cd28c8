import { describe, expect, it } from '@jest/globals';
import { notFinishedError, notStoppedError } from './agent-errors.ts';

const agent = { id: 'agent-1', address: 'fake:1', entry: undefined };

describe('an agent that does not end a stage', () => {
  it.each([
    ['execute', 'storage'],
    ['custom', 'program'],
  ] as const)('of kind %s is said to wait for its %s', (kind, what) => {
    expect(notFinishedError('agent-1', { kind, name: 'one' }, 2_000)).toMatchObject({
      message: 'agent-1 had not ended stage one within 2s',
      hint: expect.stringMatching(new RegExp(`^its ${what} hangs or is slow`)),
    });
    expect(notStoppedError(agent, kind).hint).toContain(`its ${what} hangs`);
  });
});
