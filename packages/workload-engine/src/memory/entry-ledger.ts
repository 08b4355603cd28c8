/** Accounts end here, far from the end of 32 bits; what goes beyond is not made up for. */
const MAX_OWED = 2 ** 30;

/** Memory for the ledger of so many entries of a mix. */
export function allocateEntryLedger(entries: number): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * entries * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * What all threads know of the entries of a mix: how many operations of each are in flight, where that is limited, and
 * how many each is owed because another was done in its place. An entry that was done ahead of its turn owes them:
 * the accounts of all entries add up to 0.
 */
export class EntryLedger {
  readonly #inFlight: Int32Array;
  readonly #owed: Int32Array;
  readonly #limits: readonly number[];

  /**
   * @param memory from {@link allocateEntryLedger}
   * @param limits operations in flight at most, by entry; Infinity for no limit
   */
  constructor(memory: SharedArrayBuffer, limits: readonly number[]) {
    this.#inFlight = new Int32Array(memory, 0, limits.length);
    this.#owed = new Int32Array(memory, limits.length * Int32Array.BYTES_PER_ELEMENT);
    this.#limits = limits;
  }

  /** Counts an operation in, unless its entry has reached its limit. */
  enter(entry: number): boolean {
    const limit = this.#limits[entry] ?? Infinity;
    if (limit === Infinity) return true;
    if (Atomics.add(this.#inFlight, entry, 1) < limit) return true;
    Atomics.sub(this.#inFlight, entry, 1);
    return false;
  }

  /** Counts an operation out that {@link enter} let in. */
  leave(entry: number): void {
    if (this.#limits[entry] !== Infinity) Atomics.sub(this.#inFlight, entry, 1);
  }

  /** Notes that one entry was done where it was the turn of another. */
  swap(turn: number, done: number): void {
    if (this.#reaches(turn, MAX_OWED) || this.#reaches(done, -MAX_OWED)) return;
    Atomics.add(this.#owed, turn, 1);
    Atomics.sub(this.#owed, done, 1);
  }

  /** Takes one operation off what an entry is owed; false when it is owed nothing. */
  takeOwed(entry: number): boolean {
    if (Atomics.load(this.#owed, entry) <= 0) return false;
    if (Atomics.sub(this.#owed, entry, 1) > 0) return true;
    Atomics.add(this.#owed, entry, 1);
    return false;
  }

  /** Owes an operation again that {@link takeOwed} has taken off. */
  giveBack(entry: number): void {
    Atomics.add(this.#owed, entry, 1);
  }

  /** Lets an entry whose turn it is pass because it was done before; false when it was not. */
  skipsTurn(entry: number): boolean {
    if (Atomics.load(this.#owed, entry) >= 0) return false;
    if (Atomics.add(this.#owed, entry, 1) < 0) return true;
    Atomics.sub(this.#owed, entry, 1);
    return false;
  }

  /** Forgets all that is owed: it has no meaning when an entry has left the mix. */
  settle(): void {
    for (let entry = 0; entry < this.#owed.length; entry++) Atomics.store(this.#owed, entry, 0);
  }

  #reaches(entry: number, bound: number): boolean {
    const owed = Atomics.load(this.#owed, entry);
    return bound > 0 ? owed >= bound : owed <= bound;
  }
}
