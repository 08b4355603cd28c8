import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allocateEntryLedger, EntryLedger } from './entry-ledger.ts';

const ledgerOf = (...limits: number[]): EntryLedger =>
  new EntryLedger(allocateEntryLedger(limits.length), limits);

describe('EntryLedger', () => {
  it('lets in as many as the limit of an entry, and any number without one', () => {
    const ledger = ledgerOf(2, Infinity);
    expect([0, 0, 0, 1, 1, 1].map((entry) => ledger.enter(entry))).toEqual([
      ...[true, true, false],
      ...[true, true, true],
    ]);
    ledger.leave(0);
    expect([ledger.enter(0), ledger.enter(0)]).toEqual([true, false]);
  });

  it('owes an entry what was done in its place, no more and no less', () => {
    const change = fc.record({ kind: fc.constantFrom('swap', 'take', 'skip'), entry: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const ledger = ledgerOf(1, 1, 1);
        const owed = [0, 0, 0];
        for (const { entry, kind } of changes) {
          const before = owed[entry] ?? 0;
          const other = (entry + 1) % 3;
          if (kind === 'swap') {
            ledger.swap(entry, other);
            owed[entry] = before + 1;
            owed[other] = (owed[other] ?? 0) - 1;
          } else if (kind === 'take') {
            expect(ledger.takeOwed(entry)).toBe(before > 0);
            if (before > 0) owed[entry] = before - 1;
          } else {
            expect(ledger.skipsTurn(entry)).toBe(before < 0);
            if (before < 0) owed[entry] = before + 1;
          }
        }
      }),
    );
  });

  it('forgets everything when it is settled', () => {
    const ledger = ledgerOf(1, 1);
    ledger.swap(0, 1);
    ledger.settle();
    expect(ledger.takeOwed(0)).toBe(false);
    expect(ledger.skipsTurn(1)).toBe(false);
  });
});
