import type { OnProgress } from '../dataset/on-progress.ts';

/** Agents say at most this often how far they have come. */
const PROGRESS_INTERVAL_MS = 1_000;

/** Passes progress on, but not more often than somebody wants to know. */
export function nowAndThen(tell: OnProgress): OnProgress {
  let toldAtMs = performance.now();
  return (what, done, total) => {
    if (performance.now() - toldAtMs < PROGRESS_INTERVAL_MS) return;
    toldAtMs = performance.now();
    tell(what, done, total);
  };
}
