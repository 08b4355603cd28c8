import { describe, expect, it } from '@jest/globals';
import { allocateObjectStates, type ObjectState, ObjectStates } from '@sai3bench/metadata-cache';
import { describeCoverage } from './describe-coverage.ts';

function coverageOf(...states: ObjectState[]): string {
  const objects = new ObjectStates(allocateObjectStates(states.length), states.length);
  for (const [index, state] of states.entries()) objects.set(index, state);
  return describeCoverage({ name: 'prepared', prefix: 'data/' }, objects);
}

describe('the coverage of a pool', () => {
  it('is how many objects something is known of, and what', () => {
    expect(coverageOf('created', 'created', 'failed', 'unknown')).toBe(
      "Known of this agent's objects data/prepared-*: 3 of 4 (75%): 2 made, 1 failed",
    );
  });

  it('is nothing where nothing is known', () => {
    expect(coverageOf('unknown')).toBe(
      "Known of this agent's objects data/prepared-*: 0 of 1 (0%)",
    );
  });

  it('is whole where there are no objects', () => {
    expect(coverageOf()).toBe("Known of this agent's objects data/prepared-*: 0 of 0 (100%)");
  });
});
