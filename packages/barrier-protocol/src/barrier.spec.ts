import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideBarrier, type MemberStatus } from './barrier.ts';

const members = fc
  .array(fc.constantFrom<MemberStatus>('working', 'arrived', 'failed'), { minLength: 1 })
  .map((statuses) => new Map(statuses.map((status, index) => [`agent-${String(index)}`, status])));

describe('an all_or_nothing barrier', () => {
  it('opens when all have arrived, breaks when one failed, and waits for the others otherwise', () => {
    fc.assert(
      fc.property(members, (each) => {
        const statuses = [...each.values()];
        const decision = decideBarrier('all_or_nothing', each);
        if (statuses.includes('failed')) expect(decision.type).toBe('break');
        else if (statuses.includes('working')) expect(decision.type).toBe('wait');
        else expect(decision.type).toBe('release');
      }),
    );
  });

  it('names those that it waits for, or that broke it', () => {
    const waiting = new Map<string, MemberStatus>([
      ['a', 'arrived'],
      ['b', 'working'],
    ]);
    expect(decideBarrier('all_or_nothing', waiting)).toEqual({ type: 'wait', for: ['b'] });
    expect(decideBarrier('all_or_nothing', waiting.set('c', 'failed'))).toEqual({
      type: 'break',
      because: ['c'],
    });
  });
});
