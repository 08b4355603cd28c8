import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Alarm } from './alarm.ts';

const DAY_MS = 86_400_000;
const nowNs = (): number => performance.now() * 1e6;

describe('Alarm', () => {
  let rings = 0;
  const ring = (): void => {
    rings++;
  };
  const alarmIn = (delayMs: number): Alarm => new Alarm(nowNs() + delayMs * 1e6, nowNs, ring);

  beforeEach(() => {
    rings = 0;
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([0.4, 1, 1500.7, 30 * DAY_MS, 3650 * DAY_MS])('rings once, after %d ms', (delayMs) => {
    alarmIn(delayMs);
    jest.advanceTimersByTime(Math.ceil(delayMs) - 1);
    expect(rings).toBe(0);
    jest.advanceTimersByTime(2);
    expect(rings).toBe(1);
    jest.advanceTimersByTime(30 * DAY_MS);
    expect(rings).toBe(1);
  });

  it('rings soon, but not from within, when the instant has passed', () => {
    alarmIn(-1000);
    expect(rings).toBe(0);
    jest.advanceTimersByTime(1);
    expect(rings).toBe(1);
  });

  it('waits for its clock where the timer is early', () => {
    let clockNs = 0;
    const alarm = new Alarm(1e9, () => clockNs, ring);
    clockNs = 0.9995e9;
    jest.advanceTimersByTime(1000);
    expect(rings).toBe(0);
    clockNs = 1e9;
    jest.advanceTimersByTime(1);
    expect(rings).toBe(1);
    alarm.off();
  });

  it('can be switched off, however many timers it has used', () => {
    const alarm = alarmIn(60 * DAY_MS);
    jest.advanceTimersByTime(40 * DAY_MS);
    alarm.off();
    jest.advanceTimersByTime(40 * DAY_MS);
    expect(rings).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
