import { describe, expect, it } from '@jest/globals';
import { CpuMeter, parseTimes, sharesBetween } from './cpu-meter.ts';

describe('parseTimes()', () => {
  it('sums the columns of /proc/stat by what they mean', () => {
    expect(parseTimes('cpu  10 1 5 100 7 2 3 0 0 0\ncpu0 1 1 1 1\n')).toEqual({
      user: 11,
      system: 10,
      iowait: 7,
      total: 128,
    });
  });

  it('reads anything else as nothing', () => {
    expect(parseTimes('nonsense').total).toBe(0);
  });
});

describe('shares of processor times', () => {
  it('are in percent of all that has passed', () => {
    const before = parseTimes('cpu  100 0 50 1000 10 0 0 0');
    const now = parseTimes('cpu  130 0 60 1050 20 0 0 0');
    expect(sharesBetween(before, now)).toEqual({ userPct: 30, systemPct: 10, iowaitPct: 10 });
  });

  it('lie between 0 and 100 also where the time of waiting for I/O becomes less', () => {
    const before = parseTimes('cpu  100 0 50 1000 10 0 0 0');
    const now = parseTimes('cpu  130 0 50 1000 0 0 0 0');
    expect(sharesBetween(before, now)).toEqual({ userPct: 100, systemPct: 0, iowaitPct: 0 });
  });

  it('are zeros where nothing has passed', () => {
    const now = parseTimes('cpu  100 0 50 1000 10 0 0 0');
    expect(sharesBetween(now, now)).toEqual({ userPct: 0, systemPct: 0, iowaitPct: 0 });
  });
});

describe('CpuMeter', () => {
  it('gives shares between 0 and 100 percent on this host', () => {
    for (const share of Object.values(new CpuMeter().read())) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(100);
    }
  });
});
