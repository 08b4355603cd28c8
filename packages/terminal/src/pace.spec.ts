import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.ts';

describe('the pace of work', () => {
  it('is not known before anything is done', () => {
    const pace = new Pace();
    expect(pace.perSecond).toBe(0);
    expect(pace.leftMs(100)).toBeUndefined();
    pace.add(1_000, 0);
    expect(pace.leftMs(100)).toBeUndefined();
  });

  it('is its rate so far, from which follows what is left', () => {
    const pace = new Pace();
    pace.add(1_000, 10);
    expect(pace.perSecond).toBe(10);
    expect(pace.leftMs(100)).toBe(9_000);
    pace.add(2_000, 40);
    expect(pace.perSecond).toBe(20);
    expect(pace.leftMs(100)).toBe(3_000);
  });

  it('leaves nothing when all is done', () => {
    const pace = new Pace();
    pace.add(1_000, 10);
    expect(pace.leftMs(10)).toBe(0);
  });

  it('forgets what was more than half a minute ago', () => {
    const pace = new Pace();
    for (let second = 1; second <= 60; second++) pace.add(second * 1_000, second * 100);
    for (let second = 61; second <= 90; second++) {
      pace.add(second * 1_000, 6_000 + (second - 60) * 10);
    }
    expect(pace.perSecond).toBe(10);
    expect(pace.leftMs(6_400)).toBe(10_000);
  });

  it('is unknown again when nothing gets on', () => {
    const pace = new Pace();
    for (let second = 1; second <= 40; second++) pace.add(second * 1_000, 5);
    expect(pace.perSecond).toBe(0);
    expect(pace.leftMs(10)).toBeUndefined();
  });
});
