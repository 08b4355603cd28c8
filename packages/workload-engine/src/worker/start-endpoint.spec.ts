import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startEndpoint } from './start-endpoint.ts';

/** How many of some workers begin at each endpoint. */
function countStarts(endpoints: number, starts: readonly number[]): number[] {
  const counts = new Array<number>(endpoints).fill(0);
  for (const start of starts) counts[start % endpoints] = (counts[start % endpoints] ?? 0) + 1;
  return counts;
}

describe('startEndpoint()', () => {
  it('spreads the workers of all agents, and of each, as evenly as can be', () => {
    const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 40 }),
        (agents, workers, endpoints) => {
          const byAgent = numbers(agents).map((agent) =>
            numbers(workers).map((worker) => startEndpoint(agent, workers, worker)),
          );
          for (const starts of [byAgent.flat(), ...byAgent]) {
            const counts = countStarts(endpoints, starts);
            expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});
