import { describe, expect, it } from '@jest/globals';
import { seedOf } from '@sai3bench/datagen';
import fc from 'fast-check';
import { Deck, type Sequence } from './deck.ts';

function countingUp(): Sequence {
  let number = 0;
  return { next: () => number++ };
}

const deckOf = (weights: readonly number[], seed = 1n, sequence = countingUp()): Deck =>
  new Deck(weights, seedOf(seed), sequence);

function drawCounts(deck: Deck, entries: number, draws: number): number[] {
  const counts = new Array<number>(entries).fill(0);
  for (let n = 0; n < draws; n++) {
    const entry = deck.draw();
    counts[entry] = (counts[entry] ?? 0) + 1;
  }
  return counts;
}

describe('Deck', () => {
  it('has exactly the proportions of the weights after every full pass', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (each, seed) => {
        const total = each.reduce((sum, weight) => sum + weight, 0);
        expect(drawCounts(deckOf(each, seed), each.length, total)).toEqual(each);
      }),
    );
  });

  it('keeps the exact mix in a run as short as the reduced weights', () => {
    expect(drawCounts(deckOf([7000, 3000]), 2, 10)).toEqual([7, 3]);
  });

  it('keeps the exact mix over several threads, however few operations each does', () => {
    const turns = fc.array(fc.nat(3), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(turns, (threads) => {
        const sequence = countingUp();
        const decks = [0, 1, 2, 3].map(() => deckOf([7, 3], 5n, sequence));
        const drawn = threads.map((thread) => decks[thread]?.draw());
        for (const end of [10, 20, 30]) {
          expect(drawn.slice(0, end).filter((entry) => entry === 0)).toHaveLength(0.7 * end);
        }
      }),
    );
  });

  it('draws in an order that differs from pass to pass', () => {
    const deck = deckOf([5, 5]);
    const passes = [0, 1, 2, 3].map(() => Array.from({ length: 10 }, () => deck.draw()).join(''));
    expect(new Set(passes).size).toBeGreaterThan(1);
  });

  it('never draws an entry of weight zero', () => {
    expect(drawCounts(deckOf([0, 3]), 2, 30)).toEqual([0, 30]);
  });

  it('keeps the proportions of the others when an entry is removed', () => {
    const deck = deckOf([2, 1, 1]);
    deck.remove(1);
    expect(drawCounts(deck, 3, 30)).toEqual([20, 0, 10]);
    deck.remove(0);
    deck.remove(2);
    expect(deck.draw()).toBe(-1);
  });

  it('scales weights down that would make a huge deck', () => {
    const [common = 0, rare = 0] = drawCounts(deckOf([999_999, 7]), 2, 10_001);
    expect(common).toBeGreaterThan(9_990);
    expect(rare).toBeGreaterThan(0);
  });
});
