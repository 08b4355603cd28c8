import { beforeEach, describe, expect, it } from '@jest/globals';
import { Crowd, type Present } from './crowd.ts';

let logged: string[];
let away: string[];
let crowd: Crowd<Present>;
beforeEach(() => {
  logged = [];
  away = [];
  crowd = new Crowd(3, { warn: (text) => logged.push(text) });
});

/** Somebody who waits, or has been let in. */
const visitor = (name: string, isIn = false): Present => ({
  ...{ name, isIn },
  sendAway: () => away.push(name),
});

/** Lets visitors come in one after the other; returns them. */
const come = (...names: string[]): Present[] =>
  names.map((name) => {
    const each = visitor(name);
    expect(crowd.add(each)).toBe(true);
    return each;
  });

describe('a crowd at the door', () => {
  it('has room for so many', () => {
    come('a', 'b', 'c');
    expect([away, logged]).toEqual([[], []]);
  });

  it('sends away who has waited longest, and not who has been let in', () => {
    expect(crowd.add(visitor('in', true))).toBe(true);
    come('a', 'b', 'c', 'd');
    expect(away).toEqual(['a', 'b']);
    expect(crowd.find('in')).toBeDefined();
    expect(crowd.find('a')).toBeUndefined();
  });

  it('is told of once, until nobody waits any more', () => {
    const all = come('a', 'b', 'c', 'd', 'e');
    expect(logged).toEqual([expect.stringMatching(/^Refused a connection from a, .* than 3 are/)]);
    expect(crowd.isFlood).toBe(true);
    for (const each of all) crowd.remove(each);
    expect(crowd.isFlood).toBe(false);
    come('f', 'g', 'h', 'i');
    expect(logged).toHaveLength(2);
  });

  it('takes nobody in where all have been let in, and says so once until one of them leaves', () => {
    const all = ['a', 'b', 'c'].map((name) => visitor(name, true));
    for (const each of all) crowd.add(each);
    for (const name of ['d', 'e']) expect(crowd.add(visitor(name))).toBe(false);
    expect(away).toEqual([]);
    expect(logged).toEqual([expect.stringContaining('from d, and refusing more: 3 are open')]);
    for (const each of all.slice(0, 1)) crowd.remove(each);
    come('f');
  });

  it('does not take one who has gone for another of the same name', () => {
    const [first] = come('a', 'b', 'c', 'd');
    const [again] = come('a');
    if (first !== undefined) crowd.remove(first);
    expect(crowd.find('a')).toBe(again);
  });
});
