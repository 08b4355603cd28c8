import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import { allocateObjectStates, ObjectStates } from '@sai3bench/metadata-cache';
import { Random } from '../../selection/random.ts';
import { chooseProbes } from './probe-objects.ts';

const COUNT = 100_000;

function statesWith(created: readonly (readonly [number, number])[]): ObjectStates {
  const states = new ObjectStates(allocateObjectStates(COUNT), COUNT);
  states.fill(0, COUNT, 'planned');
  for (const [begin, end] of created) states.fill(begin, end, 'created');
  return states;
}

function choose(states: ObjectStates): number[] {
  return chooseProbes(states, new Random(seedOf(7n)));
}

describe('chooseProbes()', () => {
  it('takes 64 objects and the last one where only the beginning is created', () => {
    const chosen = choose(statesWith([[0, 1_000]]));
    expect(chosen.length).toBeGreaterThanOrEqual(64);
    expect(new Set(chosen).size).toBe(chosen.length);
    expect(chosen.every((position) => position < 1_000)).toBe(true);
    expect(chosen).toContain(999);
  });

  it('takes all objects where there are few', () => {
    const chosen = choose(
      statesWith([
        [10, 20],
        [70_000, 70_010],
      ]),
    );
    expect(chosen).toHaveLength(20);
  });

  it('takes none where there is none', () => {
    expect(choose(statesWith([]))).toEqual([]);
    expect(choose(new ObjectStates(allocateObjectStates(0), 0))).toEqual([]);
  });
});
