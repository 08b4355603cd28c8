import { formatDurationMs } from '@sai3bench/units';
import type { CommandOf } from '../run/run-messages.ts';

/** For whom an agent waits at a barrier, and how long it has. */
export function describeWait({
  count,
  waitedMs,
  waitsFor,
}: Pick<CommandOf<'barrierWait'>, 'count' | 'waitedMs' | 'waitsFor'>): string {
  const more = count - waitsFor.length;
  const names = `${waitsFor.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  return `At the barrier for ${formatDurationMs(waitedMs)}, waiting for ${names}`;
}
