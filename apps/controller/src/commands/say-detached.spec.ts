import { expect, it } from '@jest/globals';
import { Terminal } from '@sai3bench/terminal';
import { Console } from '../console/console.ts';
import { sayDetached } from './say-detached.ts';

it('a controller that leaves its run says on screen and in console.log how to come back', () => {
  let shown = '';
  const kept: string[] = [];
  const terminal = new Terminal({
    write: (text) => (shown += text),
    isTTY: false,
    columns: 80,
  });
  const console = new Console(terminal, false);
  console.keepWith((line) => kept.push(line));
  sayDetached(console, '/results/sai3-1', 300_000);
  const told = [
    'Detached: the agents finish their stage, and stop after 5m 00s without a controller',
    '  -> go on with: sai3bench-ctl attach /results/sai3-1',
  ];
  expect(kept).toEqual(told);
  expect(shown).toBe(`${told.join('\n')}\n`);
});
