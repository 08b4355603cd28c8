import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AgentClock, type ClockShift, clockShiftOf } from './agent-clock.ts';

const START_NS = 5_000_000_000_000n;
const UNIX_AT_ZERO_US = 1_771_457_000_000_000;

/** A clock of a host whose own can be moved by hand. */
function makeClock(shift?: ClockShift) {
  const host = { nowNs: START_NS };
  const clocks = { monotonicNs: () => host.nowNs, unixAtZeroUs: UNIX_AT_ZERO_US };
  return { host, clock: new AgentClock(clocks, shift) };
}

const shifts = fc.record({
  skewMs: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  driftPpm: fc.integer({ min: -100_000, max: 100_000 }),
});

describe('AgentClock', () => {
  it('shows what the clocks of the host show', () => {
    const { clock, host } = makeClock();
    host.nowNs += 7_000_000n;
    expect(clock.monotonicNs()).toBe(host.nowNs);
    expect(clock.unixUs()).toBe(UNIX_AT_ZERO_US + 5_000_007_000);
    expect(clock.hostNs(123n)).toBe(123n);
  });

  it('is ahead by the skew, and by the drift more and more, with both clocks', () => {
    const { clock, host } = makeClock({ skewMs: 3000, driftPpm: 100 });
    expect(clock.monotonicNs()).toBe(START_NS + 3_000_000_000n);
    host.nowNs += 10_000_000_000n;
    expect(clock.monotonicNs()).toBe(host.nowNs + 3_001_000_000n);
    expect(clock.unixUs()).toBe(UNIX_AT_ZERO_US + 5_013_001_000);
    const hostUnixMs = (UNIX_AT_ZERO_US + 5_010_000_000) / 1000;
    expect(clock.unixMsOfHost(hostUnixMs)).toBeCloseTo(hostUnixMs + 3001, 2);
  });

  it('understands an instant that it has shown', () => {
    fc.assert(
      fc.property(shifts, fc.nat(100_000_000), (shift, passedMs) => {
        const { clock, host } = makeClock(shift);
        host.nowNs += BigInt(passedMs) * 1_000_000n;
        const error = clock.hostNs(clock.monotonicNs()) - host.nowNs;
        expect(Math.abs(Number(error))).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe('clockShiftOf()', () => {
  it('shifts nothing when the environment says nothing', () => {
    expect(clockShiftOf({ SAI3_AGENT_CLOCK_DRIFT_PPM: '' })).toEqual({ skewMs: 0, driftPpm: 0 });
  });

  it('takes what tests say', () => {
    const env = { SAI3_AGENT_CLOCK_SKEW_MS: '-3000.5', SAI3_AGENT_CLOCK_DRIFT_PPM: '100' };
    expect(clockShiftOf(env)).toEqual({ skewMs: -3000.5, driftPpm: 100 });
  });

  it.each([
    { SAI3_AGENT_CLOCK_SKEW_MS: '3s' },
    { SAI3_AGENT_CLOCK_DRIFT_PPM: '200000' },
    { SAI3_AGENT_CLOCK_DRIFT_PPM: 'NaN' },
  ])('refuses %j by name', (env) => {
    expect(() => clockShiftOf(env)).toThrow(Object.keys(env)[0]);
  });
});
