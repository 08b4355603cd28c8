import { describe, expect, it } from '@jest/globals';
import type { ProgramEnd } from './program.ts';
import { failureOf } from './program-failure.ts';

const ABOUT = { program: 'tool', lastErrors: ['one', 'two'] };
const STUCK = [{ id: 7, command: 'dd', isStuck: true }];

describe('the failure of a program', () => {
  it('is none when it ended with code 0, whatever it has printed', () => {
    expect(failureOf({ type: 'exited', code: 0 }, ABOUT)).toBeUndefined();
  });

  it.each<[ProgramEnd, string, string]>([
    [{ type: 'exited', code: 9 }, 'CUSTOM_FAILED', 'tool ended with code 9'],
    [{ type: 'signalled', signal: 'SIGKILL' }, 'CUSTOM_FAILED', 'tool was ended by SIGKILL'],
    [
      { type: 'abandoned', processes: STUCK },
      'CUSTOM_ABANDONED',
      'what tool has started could not be ended',
    ],
  ])('after %j is explained by its last lines', (end, code, message) => {
    expect(failureOf(end, ABOUT)).toMatchObject({ code, message, cause: { message: 'one | two' } });
    expect(failureOf(end, { ...ABOUT, lastErrors: [] })?.cause).toBeUndefined();
  });

  it.each<[ProgramEnd['type'] & ('not-started' | 'no-directory'), string]>([
    ['not-started', 'CUSTOM_NOT_STARTED'],
    ['no-directory', 'CUSTOM_NO_DIRECTORY'],
  ])('that is %s is explained by the system', (type, code) => {
    const cause = new RangeError('ENOENT');
    expect(failureOf({ type, cause }, ABOUT)).toMatchObject({ code, cause });
  });
});
