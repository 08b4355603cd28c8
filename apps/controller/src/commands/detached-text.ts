import { formatDurationMs } from '@sai3bench/units';

/** What a controller says that leaves its run to the agents. */
export function detachedText(path: string, graceMs: number): string {
  return (
    `Detached: the agents finish their stage, and stop after ${formatDurationMs(graceMs)} without a controller\n` +
    `  -> go on with: sai3bench-ctl attach ${path}`
  );
}
