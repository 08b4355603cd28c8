import { describe, expect, it } from '@jest/globals';
import { CpuMeter, parseTimes } from './cpu-meter.ts';

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

describe('CpuMeter', () => {
  it('gives shares between 0 and 100 percent', () => {
    const meter = new CpuMeter();
    for (let n = 0, end = Date.now() + 30; Date.now() < end; n++) Math.sqrt(n);
    const { iowaitPct, systemPct, userPct } = meter.read();
    for (const share of [iowaitPct, systemPct, userPct]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(100);
    }
  });
});
