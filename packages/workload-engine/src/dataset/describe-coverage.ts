import type { ObjectState, ObjectStates } from '@sai3bench/metadata-cache';
import { formatCount, formatPercent } from '@sai3bench/units';
import type { PoolPlan } from '@sai3bench/workload-config/plan';

/** How objects are called of which something is known. */
const KNOWN: readonly (readonly [ObjectState, string])[] = [
  ['created', 'made'],
  ['found', 'found there'],
  ['creating', 'perhaps made'],
  ['planned', 'to be made'],
  ['failed', 'failed'],
  ['deleted', 'deleted'],
];

/** How many of an agent's own objects of a pool something is known of, and what: `990 of 1,000 (99%): 990 made`. */
export function describeCoverage(
  { name, prefix }: Pick<PoolPlan, 'name' | 'prefix'>,
  states: Pick<ObjectStates, 'count' | 'countOf'>,
): string {
  const known = states.count - states.countOf('unknown');
  const parts = KNOWN.flatMap(([state, word]) => {
    const count = states.countOf(state);
    return count === 0 ? [] : [`${formatCount(count)} ${word}`];
  });
  const what = parts.length === 0 ? '' : `: ${parts.join(', ')}`;
  return `Known of this agent's objects ${prefix}${name}-*: ${formatCount(known)} of ${formatCount(states.count)} (${formatPercent(known, states.count)})${what}`;
}
