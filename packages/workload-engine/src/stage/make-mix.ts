import type { OperationPlan } from '@sai3bench/workload-config/plan';
import { EntryLedger } from '../memory/entry-ledger.ts';
import { SharedSequence } from '../memory/shared-sequence.ts';
import { DECK_SEQUENCE, type StageMemory } from '../memory/stage-memory.ts';
import { Deck } from '../selection/deck.ts';
import { Mix } from '../selection/mix.ts';
import type { StagePools } from '../selection/object-picker.ts';
import type { WorkerContext } from '../worker/worker-context.ts';

/** The mix of a plan's operations, as a thread takes its part in it. */
export function makeMix(context: WorkerContext, memory: StageMemory, pools: StagePools): Mix {
  const { concurrency, operations } = context.setup.plan;
  const weights = operations.map(({ weight }) => weight);
  const limits = operations.map((operation) => {
    const limit = operation.concurrency ?? Infinity;
    return limit < concurrency ? limit : Infinity;
  });
  const sequence = new SharedSequence(memory.sequences, DECK_SEQUENCE);
  return new Mix({
    weights,
    deck: new Deck(weights, context.runSeed(), sequence),
    ledger: new EntryLedger(memory.ledger, limits),
    mayWait: operations.flatMap((operation, entry) =>
      limits[entry] !== Infinity || mayLackObjects(operation, pools) ? [entry] : [],
    ),
    random: context.random,
  });
}

/** Whether an operation may find its objects busy, or not there yet. */
function mayLackObjects(operation: OperationPlan, { live }: StagePools): boolean {
  if (operation.op === 'mkdir' || operation.op === 'rmdir') return true;
  if (!('source' in operation)) return false;
  const { puts, source } = operation;
  return (
    puts.length > 0 ||
    (source.type === 'pools' && source.pools.some((pool) => live[pool] !== undefined))
  );
}
