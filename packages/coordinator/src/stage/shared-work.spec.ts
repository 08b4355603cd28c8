import { describe, expect, it } from '@jest/globals';
import { SharedWork } from './shared-work.ts';

describe('SharedWork', () => {
  it('adds up what the agents have done', () => {
    const work = new SharedWork(() => 0);
    expect(work.total).toBeUndefined();
    work.progress('one', { what: 'removing directories', done: 3, total: 10 });
    work.progress('two', { what: 'removing directories', done: 4, total: 20 });
    work.progress('one', { what: 'removing directories', done: 5, total: 10 });
    expect(work.total).toEqual({ what: 'removing directories', done: 9, total: 30 });
  });

  it('tells when one has last got on, not when one has only said something', () => {
    let nowMs = 1;
    const work = new SharedWork(() => nowMs);
    const at = { what: 'verifying objects', done: 3, total: 0 };
    nowMs = 2;
    expect(work.progress('one', at)).toBe(true);
    nowMs = 3;
    expect(work.progress('one', at)).toBe(false);
    expect(work.movedAtMs).toBe(2);
    expect(work.progress('one', { ...at, what: 'looking whose objects they are' })).toBe(true);
    expect(work.movedAtMs).toBe(3);
  });
});
