import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { endpointOfKey } from './endpoint-of-key.ts';

const keyOf = (object: number): string => `data/prepared-${String(object).padStart(8, '0')}.dat`;

describe('endpointOfKey()', () => {
  it('gives every key an endpoint that there is', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1024 }), (key, count) => {
        expect(endpointOfKey(key, count)).toBeLessThan(count);
        expect(endpointOfKey(key, count)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it.each([2, 3, 4, 8, 16])(
    'lets an agent reach all of %i endpoints evenly, however objects are dealt to agents',
    (endpoints) => {
      for (const agents of [2, 4, 8, 16]) {
        const used = new Array<number>(endpoints).fill(0);
        for (let object = 1; object < 16_000 * agents; object += agents) {
          const endpoint = endpointOfKey(keyOf(object), endpoints);
          used[endpoint] = (used[endpoint] ?? 0) + 1;
        }
        const fair = 16_000 / endpoints;
        for (const count of used) expect(Math.abs(count / fair - 1)).toBeLessThan(0.15);
      }
    },
  );
});
