import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { TICK_MS, type Timed, TimerWheel } from './timer-wheel.ts';

function wheelAt(): { wheel: TimerWheel; pass: (ticks: number) => void } {
  let nowMs = 0;
  const wheel = new TimerWheel(() => nowMs);
  wheel.hold()();
  const pass = (ticks: number): void => {
    for (let i = 0; i < ticks; i++) {
      nowMs += TICK_MS;
      wheel.turn();
    }
  };
  return { wheel, pass };
}

function timed(visits: number[], next: (tick: number) => number = () => 0): Timed {
  return {
    visitTick: 0,
    onVisit: (tick) => {
      visits.push(tick);
      return next(tick);
    },
  };
}

afterEach(() => {
  jest.useRealTimers();
});

describe('TimerWheel', () => {
  it.each([1, 2, 511, 512, 513, 5_000])('visits after %d ticks, once', (ticks) => {
    const { wheel, pass } = wheelAt();
    const visits: number[] = [];
    const due = wheel.tick + ticks;
    wheel.arm(timed(visits), due);
    pass(ticks - 1);
    expect(visits).toEqual([]);
    pass(1_200);
    expect(visits).toEqual([due]);
  });

  it('visits again when the visit says so', () => {
    const { wheel, pass } = wheelAt();
    const visits: number[] = [];
    wheel.arm(
      timed(visits, (tick) => (visits.length < 3 ? tick + 10 : 0)),
      wheel.tick + 5,
    );
    pass(100);
    expect(visits).toEqual([6, 16, 26]);
  });

  it('turns by itself while it is held, and then forgets who waits', () => {
    jest.useFakeTimers();
    const wheel = new TimerWheel();
    const [letGo, letGoToo] = [wheel.hold(), wheel.hold()];
    const visits: number[] = [];
    wheel.arm(timed(visits), wheel.tick + 2);
    letGo();
    letGo();
    jest.advanceTimersByTime(3 * TICK_MS);
    expect(visits).toEqual([3]);
    const waits = timed(visits);
    wheel.arm(waits, wheel.tick + 2);
    letGoToo();
    expect([waits.visitTick, jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('does not take a pause of this thread for one of the server', () => {
    let nowMs = 0;
    const wheel = new TimerWheel(() => nowMs);
    const visits: number[] = [];
    wheel.arm(timed(visits), wheel.tick + 50);
    nowMs = 60 * TICK_MS;
    wheel.turn();
    expect(visits).toEqual([]);
    expect(wheel.tick).toBeLessThan(10);
  });
});
