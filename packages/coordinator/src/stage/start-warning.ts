import type { StartRecord } from '@sai3bench/results-dir';
import { formatDurationMs } from '@sai3bench/units';
import { runsMix, type StageKind } from '@sai3bench/workload-config';

/** Agents that begin closer together than this have begun at the same time, ... */
const SMALL_SKEW_MS = 10;
/** ... and so have those that do so within this share of the stage: it changes no rate by more. */
const SMALL_SHARE = 0.01;

/**
 * That agents have not begun a stage at the same time, so that its rates are in part those of fewer agents.
 *
 * @param wallMs how long the stage took
 * @returns undefined where they have, or where nobody looks at the rates
 */
export function startWarning(
  kind: StageKind,
  starts: readonly Pick<StartRecord, 'agent' | 'achieved_ms'>[],
  wallMs: number,
): string | undefined {
  if (!runsMix(kind) && kind !== 'prepare') return undefined;
  const begun = starts
    .flatMap(({ achieved_ms: ms, agent }) => (ms === null ? [] : [{ agent, ms }]))
    .toSorted((a, b) => a.ms - b.ms);
  const first = begun[0];
  const last = begun.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const skewMs = last.ms - first.ms;
  if (skewMs <= SMALL_SKEW_MS || skewMs <= wallMs * SMALL_SHARE) return undefined;
  const share = wallMs > 0 ? `, ${((100 * skewMs) / wallMs).toFixed(1)} % of the stage` : '';
  return `${last.agent} began ${formatDurationMs(Math.round(skewMs))} after ${first.agent}${share}, so rates are in part those of fewer agents: its host was busy, or heard of the start late`;
}
