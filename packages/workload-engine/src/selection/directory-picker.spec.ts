import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import fc from 'fast-check';
import { allocateLiveSet, LiveSet } from '../memory/live-set.ts';
import { DirectoryPicker } from './directory-picker.ts';
import { Random } from './random.ts';

const COUNT = 20;

/** A picker for directories of which the first half is there. */
function makePicker(): DirectoryPicker {
  const [present, absent] = [0, 1].map(() => new LiveSet(allocateLiveSet(COUNT), COUNT)) as [
    LiveSet,
    LiveSet,
  ];
  present.assign(COUNT, (directory) => directory < COUNT / 2);
  absent.assign(COUNT, (directory) => directory >= COUNT / 2);
  return new DirectoryPicker(present, absent, new Random(seedOf(1n)));
}

describe('DirectoryPicker', () => {
  it('makes only what is not there and removes only what is, and none that is being worked on', () => {
    const operation = fc.constantFrom('MKDIR' as const, 'RMDIR' as const);
    const outcome = fc.constantFrom('succeeded' as const, 'failed' as const, 'cancelled' as const);
    const step = fc.record({ begins: fc.boolean(), operation, outcome, which: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const picker = makePicker();
        const there = new Map(Array.from({ length: COUNT }, (_, n) => [n, n < COUNT / 2]));
        const underWay: { operation: 'MKDIR' | 'RMDIR'; directory: number }[] = [];
        for (const { begins, operation: wanted, outcome: ended, which } of steps) {
          if (begins) {
            const directory = picker.take(wanted);
            const possible = [...there.values()].includes(wanted === 'RMDIR');
            expect(directory >= 0).toBe(possible);
            if (directory < 0) continue;
            expect(there.get(directory)).toBe(wanted === 'RMDIR');
            there.delete(directory);
            underWay.push({ operation: wanted, directory });
          } else {
            const [task] = underWay.splice(which % Math.max(1, underWay.length), 1);
            if (task === undefined) continue;
            picker.ended(task.operation, task.directory, ended);
            if (ended === 'succeeded') there.set(task.directory, task.operation === 'MKDIR');
          }
        }
      }),
    );
  });
});
