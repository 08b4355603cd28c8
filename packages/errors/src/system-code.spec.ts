import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { systemCode } from './system-code.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('systemCode()', () => {
  it('is what the system says of a call that failed', () => {
    expect(systemCode(thrownBy(() => readFileSync('/nonexistent')))).toBe('ENOENT');
  });

  it.each([[new Error('text')], [{ code: 7 }], ['ENOENT'], [null], [undefined]])(
    'is nothing of %p',
    (thrown) => {
      expect(systemCode(thrown)).toBeUndefined();
    },
  );
});
