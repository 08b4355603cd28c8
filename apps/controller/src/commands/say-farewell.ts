import { formatDurationMs } from '@sai3bench/units';
import type { Console } from '../console/console.ts';

/** Says that this controller leaves its run to the agents, also to who reads console.log later. */
export function sayDetached(console: Console, path: string, graceMs: number): void {
  console.terminal.clear();
  console.lines([
    `Detached: the agents finish their stage, and stop after ${formatDurationMs(graceMs)} without a controller`,
    `  -> go on with: sai3bench-ctl attach ${path}`,
  ]);
}

/** What a second Ctrl-C does. */
export const ENDED_AT_ONCE = 'Ended at once by a second Ctrl-C';

/** Says that this controller ends before its run has, also to who reads console.log later. */
export function sayEndedAtOnce(console: Console, path: string): void {
  console.terminal.clear();
  console.lines([
    `${ENDED_AT_ONCE}: not all agents may have stopped, and what they have reported last is not in the results`,
    `  -> end it in order with: sai3bench-ctl attach ${path}`,
  ]);
}
