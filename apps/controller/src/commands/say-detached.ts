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
