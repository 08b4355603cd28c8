import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClaimCursor } from '../memory/claim-cursor.ts';
import { slotStub } from '../testing/slot-stub.ts';
import { LimitedTasks } from './limited-tasks.ts';
import { DEFAULT_RETRY_PAUSES } from './pause.ts';

/** What a mix answers: it begins an operation, has none just now, or has none any more. */
type Answer = 'begun' | 'later' | 'none';

/** A mix that answers as it is told, and then always begins. */
function mixOf(answers: Answer[] = []) {
  const mix = {
    maxAttempts: 3,
    retryPauses: DEFAULT_RETRY_PAUSES,
    begun: 0,
    last: 'begun' as Answer,
    next: () => {
      mix.last = answers.shift() ?? 'begun';
      if (mix.last === 'begun') mix.begun++;
      return mix.last === 'begun';
    },
    mayHaveMore: () => mix.last === 'later',
    ended: () => undefined,
  };
  return mix;
}

function claimsOf(total: number, claimants: number): ClaimCursor[] {
  const words = new Int32Array(new SharedArrayBuffer(4));
  return Array.from({ length: claimants }, () => new ClaimCursor(words, 0, total, claimants));
}

function claimsOfOne(total: number): ClaimCursor {
  return new ClaimCursor(new Int32Array(new SharedArrayBuffer(4)), 0, total, 1);
}

const slot = slotStub();

describe('limited tasks', () => {
  it('are as many as there are claims, over all threads, whatever the mix has to wait for', () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.array(fc.array(fc.constantFrom<Answer>('begun', 'later'), { maxLength: 20 }), {
          minLength: 1,
          maxLength: 5,
        }),
        (total, threads) => {
          const claims = claimsOf(total, threads.length);
          const mixes = threads.map((answers) => mixOf(answers));
          const sources = mixes.flatMap((mix, thread) =>
            claims[thread] === undefined ? [] : [new LimitedTasks(mix, claims[thread])],
          );
          while (sources.some((source) => source.next(slot) || source.mayHaveMore()));
          expect(mixes.reduce((sum, { begun }) => sum + begun, 0)).toBe(total);
        },
      ),
    );
  });

  it('are over, and not only for now, when all claims are taken', () => {
    const source = new LimitedTasks(mixOf(['begun', 'later']), claimsOfOne(1));
    expect(source.next(slot)).toBe(true);
    expect(source.next(slot)).toBe(false);
    expect(source.mayHaveMore()).toBe(false);
  });

  it('are over when the mix has nothing left', () => {
    const source = new LimitedTasks(mixOf(['none']), claimsOfOne(10));
    expect(source.next(slot)).toBe(false);
    expect(source.mayHaveMore()).toBe(false);
  });
});
