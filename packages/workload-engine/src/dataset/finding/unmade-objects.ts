import { BenchError } from '@sai3bench/errors';
import type { ObjectStates } from '@sai3bench/metadata-cache';
import { formatCount } from '@sai3bench/units';
import type { AgentPlan, PoolPlan } from '@sai3bench/workload-config/plan';

/** An agent's own part of a pool. */
interface OwnPart {
  readonly objects: { readonly plan: Pick<PoolPlan, 'name' | 'prefix'> };
  readonly states: Pick<ObjectStates, 'count' | 'countOf'>;
}

/** How objects are called of which nobody has seen that they were made. */
const UNMADE = [
  ['failed', 'failed'],
  ['creating', 'perhaps made'],
  ['planned', 'not made'],
  ['unknown', 'never looked for'],
] as const;

/** Whether the objects of the plan are to be there when a stage begins: a prepare stage comes before it, and no cleanup since. */
export function expectsObjects({ stages }: Pick<AgentPlan, 'stages'>, index: number): boolean {
  const before = stages.slice(0, index);
  return (
    before.findLast(({ kind }) => kind === 'prepare' || kind === 'cleanup')?.kind === 'prepare'
  );
}

/** What is wrong with the objects of an agent whose run has prepared them; undefined when all were made. What was deleted since was made. */
export function unmadeObjects(stage: string, pools: readonly OwnPart[]): BenchError | undefined {
  const parts = pools.flatMap(({ objects, states }) => {
    const counts = UNMADE.flatMap(([state, word]) => {
      const count = states.countOf(state);
      return count === 0 ? [] : [{ count, text: `${formatCount(count)} ${word}` }];
    });
    if (counts.length === 0) return [];
    const missing = counts.reduce((sum, { count }) => sum + count, 0);
    const { name, prefix } = objects.plan;
    const what = counts.map(({ text }) => text).join(', ');
    return [`${formatCount(missing)} of ${formatCount(states.count)} ${prefix}${name}-* (${what})`];
  });
  if (parts.length === 0) return undefined;
  return new BenchError(
    `stage ${stage} misses objects that this agent was to make before: ${parts.join('; ')}`,
    {
      code: 'VALIDATION_FAILED',
      class: 'not-found',
      hint: 'see what became of the prepare stage on this agent; the same command makes what is missing',
    },
  );
}
