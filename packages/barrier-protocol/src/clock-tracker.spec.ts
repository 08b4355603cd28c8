import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClockTracker, DRIFT_ALLOWANCE_PPM } from './clock-tracker.ts';

const MS = 1e6;
const SECOND = 1e9;
/** Instants are large numbers of ns, of which a double keeps about one. */
const ROUNDING_NS = 4;

/** Answers after a question was under way for a time, and needs another time to arrive. */
interface Trip {
  readonly pauseNs: number;
  readonly thereNs: number;
  readonly backNs: number;
}

const trips = fc.array(
  fc.record({
    pauseNs: fc.nat(20 * SECOND),
    thereNs: fc.nat(5 * MS),
    backNs: fc.nat(5 * MS),
  }),
  { minLength: 1, maxLength: 30 },
);
const drifts = fc.integer({ min: -DRIFT_ALLOWANCE_PPM, max: DRIFT_ALLOWANCE_PPM });

/** Reads a clock that shows `remote(t)` at the local instant t; returns what is known and when the last answer came. */
function track(schedule: readonly Trip[], remote: (localNs: number) => number) {
  const tracker = new ClockTracker();
  let nowNs = 1e12;
  for (const { backNs, pauseNs, thereNs } of schedule) {
    const sentNs = nowNs + pauseNs;
    nowNs = sentNs + thereNs + backNs;
    tracker.add({ sentNs, remoteNs: remote(sentNs + thereNs), receivedNs: nowNs });
  }
  return { tracker, nowNs };
}

describe('ClockTracker', () => {
  it('is never wrong by more than the error it reports, however uneven the delays, while clocks drift as they may', () => {
    fc.assert(
      fc.property(
        trips,
        drifts,
        fc.integer({ min: -1e12, max: 1e12 }),
        fc.integer({ min: -SECOND, max: 100 * SECOND }),
        (schedule, ppm, offsetNs, laterNs) => {
          const remote = (localNs: number): number =>
            localNs + offsetNs + ((localNs - 1e12) * ppm) / 1e6;
          const { nowNs, tracker } = track(schedule, remote);
          const instantNs = nowNs + laterNs;
          const known = tracker.at(instantNs);
          const truthNs = remote(instantNs) - instantNs;
          expect(Math.abs(known.offsetNs - truthNs)).toBeLessThanOrEqual(
            known.errorNs + ROUNDING_NS,
          );
        },
      ),
    );
  });

  it('knows at least as much as its latest reading alone', () => {
    fc.assert(
      fc.property(trips, drifts, (schedule, ppm) => {
        const { nowNs, tracker } = track(schedule, (localNs) => localNs * (1 + ppm / 1e6));
        const { backNs = 0, thereNs = 0 } = schedule.at(-1) ?? {};
        const halfNs = (thereNs + backNs) / 2;
        expect(tracker.at(nowNs).errorNs).toBeLessThanOrEqual(
          halfNs * (1 + DRIFT_ALLOWANCE_PPM / 1e6) + ROUNDING_NS,
        );
      }),
    );
  });

  it('keeps trusting a short round trip when a long one follows', () => {
    const tracker = new ClockTracker();
    tracker.add({ sentNs: 0, remoteNs: 150, receivedNs: 100 });
    tracker.add({ sentNs: 1000, remoteNs: 9000, receivedNs: 11_000 });
    const { errorNs, offsetNs } = tracker.at(11_000);
    expect(offsetNs).toBeCloseTo(100, 0);
    expect(errorNs).toBeCloseTo(50 + 10_900 * (DRIFT_ALLOWANCE_PPM / 1e6), 0);
  });

  it('reports an error that grows with the age of what is known', () => {
    const tracker = new ClockTracker();
    tracker.add({ sentNs: 0, remoteNs: MS, receivedNs: MS });
    for (const [ageSeconds, errorMs] of [
      [0, 0.5],
      [1, 1],
      [10, 5.5],
    ] as const) {
      expect(tracker.at(MS + ageSeconds * SECOND).errorNs / MS).toBeCloseTo(errorMs, 2);
    }
  });

  it('knows nothing before the first reading', () => {
    expect(new ClockTracker().at(5).errorNs).toBe(Infinity);
    expect(new ClockTracker().isStale(5, SECOND)).toBe(true);
  });

  it('forgets what was before a clock jumped', () => {
    const tracker = new ClockTracker();
    tracker.add({ sentNs: 0, remoteNs: 0, receivedNs: 1000 });
    tracker.add({ sentNs: SECOND, remoteNs: 6 * SECOND, receivedNs: SECOND + 1000 });
    const { errorNs, offsetNs } = tracker.at(SECOND + 1000);
    expect(Math.abs(offsetNs - 5 * SECOND)).toBeLessThanOrEqual(errorNs);
    expect(errorNs).toBeLessThan(1000);
  });

  describe('is stale', () => {
    const nearby = new ClockTracker();
    nearby.add({ sentNs: 0, remoteNs: 0, receivedNs: 0.2 * MS });
    const faraway = new ClockTracker();
    faraway.add({ sentNs: 0, remoteNs: 0, receivedNs: 40 * MS });

    it.each([
      ['not while its error is good enough', nearby, 0.2, false],
      ['when its error has grown too large', nearby, 1, true],
      ['not while the round trip, and not its age, makes the error', faraway, 5, false],
      ['when its age makes much of the error', faraway, 30, true],
    ] as const)('%s', (_, tracker, ageSeconds, stale) => {
      expect(tracker.isStale(ageSeconds * SECOND, 0.25 * MS)).toBe(stale);
    });
  });
});
