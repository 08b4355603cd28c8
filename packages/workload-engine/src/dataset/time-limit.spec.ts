import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TimeLimit, untilAborted, within } from './time-limit.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function never(): Promise<never> {
  return Promise.withResolvers<never>().promise;
}

describe('TimeLimit', () => {
  it('ends when its time is over', () => {
    const { signal } = new TimeLimit(100);
    jest.advanceTimersByTime(99);
    expect(signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(signal.aborted).toBe(true);
  });

  it('begins anew as often as it is told that work gets on', () => {
    const limit = new TimeLimit(100);
    for (let times = 0; times < 5; times++) {
      jest.advanceTimersByTime(99);
      limit.movedOn();
    }
    expect(limit.signal.aborted).toBe(false);
    jest.advanceTimersByTime(100);
    expect(limit.signal.aborted).toBe(true);
  });

  it('ends with what it is a part of, also with what has ended already', () => {
    const whole = new AbortController();
    const before = new TimeLimit(100, whole.signal);
    whole.abort();
    expect(before.signal.aborted).toBe(true);
    expect(new TimeLimit(100, whole.signal).signal.aborted).toBe(true);
  });

  it('leaves nothing behind when it is turned off', () => {
    const whole = new AbortController();
    const limit = new TimeLimit(100, whole.signal);
    limit.off();
    expect(jest.getTimerCount()).toBe(0);
    whole.abort();
    expect(limit.signal.aborted).toBe(false);
  });
});

describe('work with a limit', () => {
  it('has its own result in time', async () => {
    await expect(within(100, () => Promise.resolve(7))).resolves.toBe(7);
    expect(jest.getTimerCount()).toBe(0);
    const { signal } = new AbortController();
    await expect(untilAborted(signal, () => Promise.resolve(7))).resolves.toBe(7);
  });

  it('is not waited for when it is over', async () => {
    const waiting = within(100, (signal) => untilAborted(signal, never));
    jest.advanceTimersByTime(100);
    await expect(waiting).rejects.toMatchObject({ code: 'TIME_LIMIT', class: 'timeout' });
  });

  it('is not begun after it', async () => {
    const work = jest.fn(never);
    await expect(untilAborted(AbortSignal.abort(), work)).rejects.toMatchObject({
      code: 'TIME_LIMIT',
    });
    expect(work).not.toHaveBeenCalled();
  });
});
