import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PutNumbers } from './put-numbers.ts';

describe('PutNumbers', () => {
  it('lets exactly the acknowledged names be read that have no other before them', () => {
    const step = fc.record({ kind: fc.constantFrom('take', 'ok', 'fail'), which: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const [used, readable] = [new Float64Array(2), new Float64Array(2)];
        const numbers = new PutNumbers(used, readable, new Float64Array(2), 1);
        const inFlight: number[] = [];
        const acknowledged = new Set<number>();
        for (const { kind, which } of steps) {
          if (kind === 'take') {
            const number = numbers.take();
            expect(inFlight).not.toContain(number);
            expect(acknowledged.has(number)).toBe(false);
            inFlight.push(number);
          } else {
            const [number] = inFlight.splice(which % Math.max(1, inFlight.length), 1);
            if (number === undefined) continue;
            if (kind === 'ok') {
              numbers.acknowledged(number);
              acknowledged.add(number);
            } else {
              numbers.failed(number);
            }
          }
          let expected = 0;
          while (acknowledged.has(expected)) expected++;
          expect(readable[1]).toBe(expected);
        }
        expect(used[0]).toBe(0);
      }),
    );
  });

  it('uses the number of a failed PUT again', () => {
    const [used, readable] = [new Float64Array(1), new Float64Array(1)];
    const numbers = new PutNumbers(used, readable, new Float64Array(1), 0);
    expect([numbers.take(), numbers.take()]).toEqual([0, 1]);
    numbers.failed(0);
    numbers.acknowledged(1);
    expect(readable[0]).toBe(0);
    expect(numbers.take()).toBe(0);
    numbers.acknowledged(0);
    expect(readable[0]).toBe(2);
    expect(numbers.take()).toBe(2);
  });

  it('leaves the number of a PUT that failed before a cleanup to it, and holds up nothing by it', () => {
    const [used, readable, gone] = [new Float64Array(1), new Float64Array(1), new Float64Array(1)];
    const numbers = new PutNumbers(used, readable, gone, 0);
    expect([numbers.take(), numbers.take()]).toEqual([0, 1]);
    numbers.failed(0);
    numbers.acknowledged(1);
    gone[0] = 2;
    expect(numbers.take()).toBe(2);
    numbers.acknowledged(2);
    expect(readable[0]).toBe(3);
    numbers.failed(numbers.take());
    expect(numbers.take()).toBe(3);
  });
});
