import { describe, expect, it } from '@jest/globals';
import {
  formatBytes,
  formatCount,
  formatDecimal,
  formatDurationMs,
  formatEstimateMs,
  formatLatencyNs,
  formatPercent,
  formatThroughput,
} from './format.ts';

describe('numbers for people', () => {
  it('puts commas between thousands', () => {
    expect(formatCount(1234567)).toBe('1,234,567');
    expect(formatCount(999)).toBe('999');
    expect(formatDecimal(29104.256, 2)).toBe('29,104.26');
  });

  it('shows bytes in the largest unit that keeps the number at one or more', () => {
    expect(formatBytes(0)).toBe('0 B');
    expect(formatBytes(4096)).toBe('4 KiB');
    expect(formatBytes(1023)).toBe('1,023 B');
    expect(formatBytes(241_297_817)).toBe('230.12 MiB');
  });

  it('shows throughput in MiB/s', () => {
    expect(formatThroughput(3_084_262_604)).toBe('2,941.38 MiB/s');
  });

  it.each([
    [812, '812 ns'],
    [9_999, '9,999 ns'],
    [10_000, '10 µs'],
    [1_234_560, '1,234.6 µs'],
    [41_910_000, '41.91 ms'],
    [12_345_678_901, '12.346 s'],
  ])('shows a latency of %d ns as %s', (latencyNs, text) => {
    expect(formatLatencyNs(latencyNs)).toBe(text);
  });

  it.each([
    [850, '850ms'],
    [2000, '2s'],
    [2023.68, '2.02s'],
    [12_340, '12.34s'],
    [173_000, '2m 53s'],
    [3_725_000, '1h 02m 05s'],
  ])('shows %d ms as %s', (durationMs, text) => {
    expect(formatDurationMs(durationMs)).toBe(text);
  });

  it.each([
    [0, '0s'],
    [-5, '0s'],
    [499, '0s'],
    [1_600, '2s'],
    [173_400, '2m 53s'],
  ])('shows an estimate of %d ms in whole seconds, as %s', (leftMs, text) => {
    expect(formatEstimateMs(leftMs)).toBe(text);
  });

  it('reaches 100% only when everything is done', () => {
    expect(formatPercent(63_999, 64_000)).toBe('99%');
    expect(formatPercent(64_000, 64_000)).toBe('100%');
    expect(formatPercent(0, 0)).toBe('100%');
  });
});
