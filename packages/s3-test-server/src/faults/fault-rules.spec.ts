import { describe, expect, it } from '@jest/globals';
import type { Fault } from './fault.ts';
import { drawMs } from './fault-plan.ts';
import { type FaultMatch, FaultRules } from './fault-rules.ts';
import { Random } from './random.ts';

const FAULT: Fault = { kind: 'connection-close' };
const GET = { operation: 'GetObject', bucket: 'b', key: 'a/1' } as const;

/** Which of some requests a rule strikes, by their index. */
function struck(match: FaultMatch, count = 12, seed = 1): number[] {
  const rules = new FaultRules(seed);
  rules.add({ match, fault: FAULT });
  return Array.from({ length: count }, (_, index) => index).filter(
    () => rules.strike(GET).length > 0,
  );
}

describe('a fault rule', () => {
  it.each<[string, FaultMatch, number]>([
    ['everything', {}, 1],
    ['its operation', { operation: 'GetObject' }, 1],
    ['another operation', { operation: 'PutObject' }, 0],
    ['one of several operations', { operation: ['PutObject', 'GetObject'] }, 1],
    ['its bucket', { bucket: 'b' }, 1],
    ['another bucket', { bucket: 'c' }, 0],
    ['its key', { key: 'a/1' }, 1],
    ['part of its key', { key: 'a' }, 0],
    ['a pattern of keys', { key: /^a\// }, 1],
    ['another pattern', { key: /^b/ }, 0],
  ])('that is about %s looks at the request', (_, match, times) => {
    expect(struck(match, 1)).toHaveLength(times);
  });

  it('strikes each so-manyth request, after some, and no more than so many', () => {
    expect(struck({ every: 3 })).toEqual([2, 5, 8, 11]);
    expect(struck({ skip: 4, every: 3 })).toEqual([6, 9]);
    expect(struck({ times: 2 })).toEqual([0, 1]);
    expect(struck({ skip: 1, times: 1 })).toEqual([1]);
  });

  it('strikes by chance, and at the same requests with the same seed', () => {
    const count = struck({ probability: 0.25 }, 4_000).length;
    expect(count).toBeGreaterThan(850);
    expect(count).toBeLessThan(1_150);
    expect(struck({ probability: 0.5 }, 50, 7)).toEqual(struck({ probability: 0.5 }, 50, 7));
    expect(struck({ probability: 0.5 }, 50, 7)).not.toEqual(struck({ probability: 0.5 }, 50, 8));
  });

  it('adds up with others, tells how often it has struck, and can be removed', () => {
    const rules = new FaultRules(1);
    const one = rules.add({ fault: [FAULT, { kind: 'latency', ms: 1 }] });
    const other = rules.add({ match: { every: 2 }, fault: FAULT });
    expect([rules.strike(GET).length, rules.strike(GET).length]).toEqual([2, 3]);
    expect([one.struck, other.struck, rules.struck]).toEqual([2, 1, 3]);
    one.remove();
    expect([rules.strike(GET).length, rules.strike(GET).length]).toEqual([0, 1]);
    rules.clear();
    expect(rules.strike(GET)).toEqual([]);
  });
});

describe('a latency', () => {
  const draws = (ms: Parameters<typeof drawMs>[0]): number[] => {
    const random = new Random(3);
    return Array.from({ length: 20_000 }, () => drawMs(ms, random));
  };
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;

  it('is fixed, uniform or exponential', () => {
    expect(new Set(draws(5))).toEqual(new Set([5]));
    const uniform = draws({ uniform: [10, 20] });
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...uniform)).toBeLessThan(20);
    expect(mean(uniform)).toBeCloseTo(15, 0);
    const exponential = draws({ exponential: { mean: 10 } });
    expect(mean(exponential)).toBeCloseTo(10, 0);
    expect(exponential.filter((value) => value > 10).length / 20_000).toBeCloseTo(Math.exp(-1), 1);
  });
});
