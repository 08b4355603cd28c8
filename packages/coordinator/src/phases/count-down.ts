import { waitBriefly } from '../barrier/wait-briefly.ts';
import type { ActiveRun } from '../run/active-run.ts';

/** Counting down less than this is not worth a line. */
const SHORTEST_COUNTDOWN_MS = 500;

/** Counts down to the first stage, second by second; returns whether nothing came between. */
export async function countDown(run: ActiveRun): Promise<boolean> {
  const { nowNs, observer, startDelayMs } = run.options;
  const gate = run.team.newGate();
  const endMs = nowNs() / 1e6 + startDelayMs;
  for (let second = Math.ceil(startDelayMs / 1000); second >= 0; second--) {
    const waitMs = endMs - second * 1000 - nowNs() / 1e6;
    if (waitMs > 0) await waitBriefly(waitMs, gate);
    if (run.isOver) return false;
    if (second > 0 && startDelayMs >= SHORTEST_COUNTDOWN_MS) observer.countdown(second * 1000);
  }
  observer.started();
  return true;
}
