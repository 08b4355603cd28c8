import type { BarrierWait, StageWait } from '@sai3bench/coordinator';
import { formatCount, formatDurationMs, formatEstimateMs } from '@sai3bench/units';
import { plural } from './render-plan.ts';

/** Agents that are named on the line about a barrier. */
const NAMED = 5;

/** For whom agents wait at a barrier, on one line. */
export function renderBarrierWait({ arrived, stage, waitedMs, waitsFor }: BarrierWait): string {
  const more = waitsFor.length - NAMED;
  const names = `${waitsFor.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  return `Barrier after ${stage}: ${plural(arrived, 'agent')} waiting for ${formatDurationMs(waitedMs)}, for ${names}`;
}

/** What is waited for before a stage, on one line, with an estimate where there can be one. */
export function renderStageWait(wait: StageWait): string {
  const { agents, elapsedMs, loaded, msLeft, progress, stage } = wait;
  const ready = `Getting ready for stage ${stage}: ${String(loaded)} of ${plural(agents, 'agent')}`;
  if (progress === undefined) return `${ready} (${formatEstimateMs(msLeft)} left)`;
  const { done, total, what } = progress;
  if (total === 0) return `${ready}, ${what}: ${formatCount(done)}`;
  const share = `${formatCount(done)} of ${formatCount(total)}`;
  const left =
    done === 0 ? '' : `, about ${formatEstimateMs((elapsedMs * (total - done)) / done)} left`;
  return `${ready}, ${what}: ${share}${left}`;
}
