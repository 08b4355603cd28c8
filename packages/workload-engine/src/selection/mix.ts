import type { EntryLedger } from '../memory/entry-ledger.ts';
import type { Deck } from './deck.ts';
import type { Random } from './random.ts';

/** What came of the attempt to begin an operation of an entry; `later`: nothing for now, perhaps soon. */
export type Begun = 'begun' | 'later' | 'exhausted';

/** What came of looking for an operation; `none`: every entry is exhausted. */
export type Turn = 'begun' | 'later' | 'none';

/** What a mix is made of. */
export interface MixOptions {
  readonly weights: readonly number[];
  readonly deck: Deck;
  readonly ledger: EntryLedger;
  /** Entries that may have to wait: for their limit, or for objects. */
  readonly mayWait: readonly number[];
  readonly random: Random;
}

/**
 * Whose turn it is in a weighted mix. An entry that cannot be done when it is drawn is owed: another is done in its
 * place, which passes when its own turn comes, and the entry is done as soon as it can be. So waiting changes the order of
 * operations, not the mix; only where an entry never catches up, its share falls behind.
 */
export class Mix {
  readonly #options: MixOptions;
  readonly #waiting: Uint8Array;
  readonly #gone: Uint8Array;
  /** An entry that was drawn when nothing could be done at all; -1 for none. */
  #held = -1;

  constructor(options: MixOptions) {
    this.#options = options;
    this.#waiting = new Uint8Array(options.weights.length);
    this.#gone = new Uint8Array(options.weights.length);
  }

  /** Begins one operation, of the entry whose turn it is if that is possible. */
  next(begin: (entry: number) => Begun): Turn {
    if (this.#beginOwed(begin)) return 'begun';
    for (;;) {
      const entry = this.#held >= 0 ? this.#held : this.#deal();
      this.#held = -1;
      if (entry < 0) return 'none';
      const result = this.#try(entry, begin);
      if (result === 'begun') return 'begun';
      if (result === 'exhausted') {
        this.#remove(entry);
      } else if (this.#beginOther(entry, begin)) {
        return 'begun';
      } else {
        this.#held = entry;
        return 'later';
      }
    }
  }

  /** Notes that an operation of an entry has ended. */
  ended(entry: number): void {
    this.#options.ledger.leave(entry);
  }

  #deal(): number {
    const { deck, ledger, mayWait } = this.#options;
    for (;;) {
      const entry = deck.draw();
      // Each turn that passes was an operation before, so there are no more of them than operations.
      if (mayWait.length === 0 || deck.remaining <= 1 || !ledger.skipsTurn(entry)) return entry;
    }
  }

  #beginOwed(begin: (entry: number) => Begun): boolean {
    const { ledger, mayWait } = this.#options;
    for (const entry of mayWait) {
      if (this.#gone[entry] === 1 || !ledger.takeOwed(entry)) continue;
      const result = this.#try(entry, begin);
      if (result === 'begun') return true;
      ledger.giveBack(entry);
      if (result === 'exhausted') this.#remove(entry);
    }
    return false;
  }

  /** Begins an operation of another entry, drawn by weight from those that can be done. */
  #beginOther(turn: number, begin: (entry: number) => Begun): boolean {
    const { ledger, random, weights } = this.#options;
    const waiting = this.#waiting.fill(0);
    waiting[turn] = 1;
    for (;;) {
      let total = 0;
      for (const [entry, weight] of weights.entries()) if (this.#isFree(entry)) total += weight;
      if (total === 0) return false;
      let place = random.below(total);
      const other = weights.findIndex((weight, entry) => {
        if (this.#isFree(entry)) place -= weight;
        return place < 0;
      });
      const result = this.#try(other, begin);
      if (result === 'begun') {
        ledger.swap(turn, other);
        return true;
      }
      waiting[other] = 1;
      if (result === 'exhausted') this.#remove(other);
    }
  }

  #isFree(entry: number): boolean {
    return this.#waiting[entry] === 0 && this.#gone[entry] === 0;
  }

  #try(entry: number, begin: (entry: number) => Begun): Begun {
    const { ledger } = this.#options;
    if (!ledger.enter(entry)) return 'later';
    const result = begin(entry);
    if (result !== 'begun') ledger.leave(entry);
    return result;
  }

  #remove(entry: number): void {
    this.#gone[entry] = 1;
    this.#options.deck.remove(entry);
    this.#options.ledger.settle();
  }
}
