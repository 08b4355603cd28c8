import { ObjectStates } from '@sai3bench/metadata-cache';
import type { AgentPlan, StagePlan } from '@sai3bench/workload-config/plan';
import type { RunMemory } from '../memory/run-memory.ts';
import { PutSpan } from '../stage/put-span.ts';

/**
 * How many tasks a stage has: objects, or operations of a hybrid stage; 0 where only time ends it.
 *
 * @param existing own objects that were there before a prepare stage
 */
export function countTasks(
  { kind, operations = 0 }: StagePlan,
  plan: AgentPlan,
  memory: RunMemory,
  existing: number,
): number {
  if (kind === 'hybrid') return operations;
  if (kind === 'prepare' || kind === 'verify') {
    const all = plan.pools.reduce((sum, { own }) => sum + own.end - own.begin, 0);
    return kind === 'verify' ? all : all - existing;
  }
  if (kind !== 'cleanup') return 0;
  const puts = new PutSpan(
    plan,
    new Float64Array(memory.putCounters),
    new Float64Array(memory.putsDeleted),
  );
  return plan.pools.reduce((sum, { own }, pool) => {
    const count = own.end - own.begin;
    const states = memory.poolStates[pool];
    if (states === undefined) return sum;
    const objects = new ObjectStates(states, count);
    const ledgered = ['creating', 'created', 'failed'] as const;
    return ledgered.reduce((some, state) => some + objects.countOf(state), sum);
  }, puts.total);
}
