import { describe, expect, it } from '@jest/globals';
import { Terminal } from '@sai3bench/terminal';
import { Console } from '../console/console.ts';
import { sayDetached, sayEndedAtOnce } from './say-farewell.ts';

const PATH = '/results/sai3-1';

describe.each([
  [
    'leaves its run',
    (console: Console) => {
      sayDetached(console, PATH, 300_000);
    },
    [
      'Detached: the agents finish their stage, and stop after 5m 00s without a controller',
      '  -> go on with: sai3bench-ctl attach /results/sai3-1',
    ],
  ],
  [
    'is ended at once',
    (console: Console) => {
      sayEndedAtOnce(console, PATH);
    },
    [
      'Ended at once by a second Ctrl-C: not all agents may have stopped, and what they have reported last is not in the results',
      '  -> end it in order with: sai3bench-ctl attach /results/sai3-1',
    ],
  ],
])('a controller that %s', (_, say, told) => {
  it('says on screen and in console.log how to come back', () => {
    let shown = '';
    const kept: string[] = [];
    const terminal = new Terminal({
      write: (text) => (shown += text),
      isTTY: false,
      columns: 80,
    });
    const console = new Console(terminal, false);
    console.keepWith((line) => kept.push(line));
    say(console);
    expect(kept).toEqual(told);
    expect(shown).toBe(`${told.join('\n')}\n`);
  });
});
