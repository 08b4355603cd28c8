import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { estimateOffset } from './clock-offset.ts';

describe('estimateOffset()', () => {
  it('is never wrong by more than the error it reports, however uneven the delays', () => {
    const delays = fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)), { minLength: 1 });
    fc.assert(
      fc.property(delays, fc.integer({ min: -1e12, max: 1e12 }), (trips, offsetNs) => {
        const readings = trips.map(([there, back], index) => {
          const sentNs = index * 5_000_000;
          return {
            sentNs,
            remoteNs: sentNs + there + offsetNs,
            receivedNs: sentNs + there + back,
          };
        });
        const estimate = estimateOffset(readings);
        expect(Math.abs(estimate.offsetNs - offsetNs)).toBeLessThanOrEqual(estimate.errorNs + 0.5);
      }),
    );
  });

  it('trusts the shortest round trip', () => {
    const slow = { sentNs: 0, remoteNs: 5000, receivedNs: 10_000 };
    const fast = { sentNs: 20_000, remoteNs: 20_150, receivedNs: 20_100 };
    expect(estimateOffset([slow, fast])).toEqual({ offsetNs: 100, errorNs: 50 });
  });
});
