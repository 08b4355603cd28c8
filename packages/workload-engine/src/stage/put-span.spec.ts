import { describe, expect, it } from '@jest/globals';
import { allocateRunMemory, markPutsDeleted, putCounterIndex } from '../memory/run-memory.ts';
import { planOf } from '../testing/run-plan.ts';
import { PutSpan } from './put-span.ts';

const PLAN = planOf(`
target: s3://bucket/set/
concurrency: 4
duration: 1s
workload:
  - {op: put, path: new/, object_size: 100, weight: 1}
  - {op: put, path: others/, object_size: 100, weight: 1}
`);

/** A run whose threads have put nothing so far. */
function startRun() {
  const memory = allocateRunMemory(PLAN);
  const used = new Float64Array(memory.putCounters);
  return {
    put: (entry: number, worker: number, count: number): void => {
      const cell = putCounterIndex(PLAN.operations.length, entry, worker);
      used[cell] = (used[cell] ?? 0) + count;
    },
    cleanUp: (workers: readonly number[]): void => {
      markPutsDeleted(PLAN, memory, workers);
    },
    /** Entry, worker and number of each name in the span. */
    names: (): (string | undefined)[] => {
      const span = new PutSpan(PLAN, used, new Float64Array(memory.putsDeleted));
      return Array.from(
        { length: span.total },
        (_, position) => /\d+-\d+-\d+$/.exec(span.at(position).key)?.[0],
      );
    },
  };
}

describe('PutSpan', () => {
  it('has every name that was used', () => {
    const run = startRun();
    run.put(0, 0, 2);
    run.put(1, 2, 1);
    expect(run.names()).toEqual(['0-0-0', '0-0-1', '1-2-0']);
  });

  it('begins after those whose objects were deleted', () => {
    const run = startRun();
    run.put(0, 0, 2);
    run.put(1, 2, 1);
    run.cleanUp([0, 1, 2, 3]);
    expect(run.names()).toEqual([]);
    run.put(0, 1, 1);
    run.put(1, 2, 2);
    expect(run.names()).toEqual(['0-1-0', '1-2-1', '1-2-2']);
  });

  it('keeps the names of a thread that was given up, whose last PUT may yet come to its end', () => {
    const run = startRun();
    run.put(0, 0, 2);
    run.put(0, 1, 1);
    run.cleanUp([0, 2]);
    expect(run.names()).toEqual(['0-1-0']);
  });
});
