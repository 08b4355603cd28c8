import { describe, expect, it } from '@jest/globals';
import { describeCommand } from './describe-command.ts';

describe('a command in words', () => {
  it.each([
    [['sleep', '60'], 'sleep 60'],
    [['sh', '-c', 'sync; sleep 1'], 'sh -c "sync; sleep 1"'],
    [['printf', 'a\nb', ''], 'printf "a\\nb" ""'],
    [['dd', 'of=/dev/null', 'bs=1M'], 'dd of=/dev/null bs=1M'],
  ])('of %j is %s', ([program = '', ...args], words) => {
    expect(describeCommand({ program, args })).toBe(words);
  });
});
