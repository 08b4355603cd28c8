import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import fc from 'fast-check';
import { allocateEntryLedger, EntryLedger } from '../memory/entry-ledger.ts';
import { allocateSequences, SharedSequence } from '../memory/shared-sequence.ts';
import { Deck } from './deck.ts';
import { type Begun, Mix, type Turn } from './mix.ts';
import { Random } from './random.ts';

interface Setup {
  readonly weights: readonly number[];
  readonly limits?: readonly number[];
  readonly mayWait?: readonly number[];
}

/** Mixes of several threads that share everything, and what they have begun. */
function share({ limits, mayWait, weights }: Setup, threads = 1) {
  const all = limits ?? weights.map(() => Infinity);
  const ledgerMemory = allocateEntryLedger(weights.length);
  const sequences = allocateSequences(1);
  const counts = weights.map(() => 0);
  const mixes = Array.from({ length: threads }, (_, thread) => {
    const ledger = new EntryLedger(ledgerMemory, all);
    return new Mix({
      weights,
      deck: new Deck(weights, seedOf(3n), new SharedSequence(sequences, 0)),
      ledger,
      mayWait: mayWait ?? weights.flatMap((_, entry) => (all[entry] === Infinity ? [] : [entry])),
      random: new Random(seedOf(BigInt(thread))),
    });
  });
  /** One turn of a thread; yields the entry that was begun, or what came instead. */
  const turn = (thread: number, begin: (entry: number) => Begun = () => 'begun'): number | Turn => {
    let begun = -1;
    const result = mixes[thread]?.next((entry) => {
      begun = entry;
      return begin(entry);
    });
    if (result !== 'begun') return result ?? 'none';
    counts[begun] = (counts[begun] ?? 0) + 1;
    return begun;
  };
  const end = (thread: number, entry: number): void => mixes[thread]?.ended(entry);
  return { counts, end, turn };
}

describe('Mix', () => {
  it('never has more operations of an entry in flight than its limit, over all threads', () => {
    const step = fc.tuple(fc.nat(2), fc.boolean(), fc.nat(50));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const { end, turn } = share({ weights: [5, 3, 2], limits: [2, Infinity, 1] }, 3);
        const inFlight: [number, number][] = [];
        for (const [thread, begins, which] of steps) {
          if (begins) {
            const entry = turn(thread);
            if (typeof entry === 'number') inFlight.push([thread, entry]);
          } else {
            const [ended] = inFlight.splice(which % Math.max(1, inFlight.length), 1);
            if (ended !== undefined) end(...ended);
          }
          const ofEntry = (wanted: number): number =>
            inFlight.filter(([, entry]) => entry === wanted).length;
          expect(ofEntry(0)).toBeLessThanOrEqual(2);
          expect(ofEntry(2)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('makes up for what a limit has held back, so that the mix is exact in the end', () => {
    const { counts, end, turn } = share({ weights: [1, 1], limits: [1, Infinity] }, 2);
    // The first operation of entry 0 takes long: entry 1 is done in its place.
    while (turn(0) !== 0);
    for (let n = 0; n < 100; n++) expect(turn(1)).toBe(1);
    end(0, 0);
    for (let n = 0; n < 400; n++) {
      const entry = turn(0);
      if (entry === 0) end(0, 0);
    }
    expect(Math.abs((counts[0] ?? 0) - (counts[1] ?? 0))).toBeLessThanOrEqual(1);
  });

  it('keeps an entry at its limit that cannot reach its share', () => {
    const { counts, end, turn } = share({ weights: [9, 1], limits: [2, Infinity] });
    const inFlight: number[] = [];
    for (let n = 0; n < 1000; n++) {
      if (inFlight.length === 8) end(0, inFlight.shift() ?? 0);
      const entry = turn(0);
      if (typeof entry === 'number') inFlight.push(entry);
      if (n > 20) expect(inFlight.filter((each) => each === 0)).toHaveLength(2);
    }
    expect(counts[0]).toBeGreaterThan(200);
  });

  it('says that there may be more later when every entry has reached its limit, and goes on then', () => {
    const { end, turn } = share({ weights: [1, 1], limits: [1, 1] });
    const first = turn(0);
    expect(turn(0)).not.toBe(first);
    for (let n = 0; n < 1000; n++) expect(turn(0)).toBe('later');
    end(0, 1);
    expect(turn(0)).toBe(1);
    end(0, 0);
    expect(turn(0)).toBe(0);
  });

  it('does others in place of an entry that has no objects yet, and makes up for it', () => {
    const { counts, turn } = share({ weights: [1, 3], mayWait: [0] });
    const notYet = (entry: number): Begun => (entry === 0 ? 'later' : 'begun');
    for (let n = 0; n < 20; n++) expect(turn(0, notYet)).toBe(1);
    for (let n = 0; n < 20; n++) turn(0);
    expect(counts).toEqual([10, 30]);
  });

  it('takes exhausted entries out, and ends with the last', () => {
    const { counts, turn } = share({ weights: [1, 1, 2], mayWait: [0] });
    const left = [5, 0, 20];
    const begin = (entry: number): Begun => {
      const rest = left[entry] ?? 0;
      left[entry] = rest - 1;
      return rest > 0 ? 'begun' : 'exhausted';
    };
    for (let n = 0; n < 25; n++) expect(typeof turn(0, begin)).toBe('number');
    expect(turn(0, begin)).toBe('none');
    expect(counts).toEqual([5, 0, 20]);
  });

  it('looks at a bounded number of entries for each operation, whatever the weights', () => {
    let looks = 0;
    const { turn } = share({ weights: [9999, 1], limits: [1, Infinity] });
    for (let n = 0; n < 2000; n++) {
      turn(0, () => {
        looks++;
        return 'begun';
      });
    }
    expect(looks).toBe(2000);
  });
});
