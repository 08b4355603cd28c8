import type { KeyListMemory } from './key-list.ts';
import { KeyPacker } from './key-packer.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** Keys that are sorted at once, as strings: at most so many, with so many characters in all. */
const CHUNK_KEYS = 65_536;
const CHUNK_CHARACTERS = 8 * 1024 * 1024;

/** A sorted run of keys, at its smallest key that is not taken yet. */
interface Run {
  key: string;
  readonly rest: Iterator<string>;
}

/**
 * Takes keys in any order, packs them, and gives them back in order and each once, without ever holding all of them as strings.
 * Keys that come in order, as from S3, take memory once; others twice for a moment.
 */
export class SortedKeys {
  readonly #budget: MemoryBudget;
  readonly #runs: KeyPacker[] = [];
  #chunk: string[] = [];
  #characters = 0;
  /** The last key of the last run. */
  #last: string | undefined;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** @throws BenchError `TOO_MANY_KEYS` */
  add(key: string): void {
    this.#chunk.push(key);
    this.#characters += key.length;
    if (this.#chunk.length >= CHUNK_KEYS || this.#characters >= CHUNK_CHARACTERS) this.#flush();
  }

  /**
   * Everything that was added; nothing can be added any more.
   *
   * @throws BenchError `TOO_MANY_KEYS`
   */
  finish(): KeyListMemory {
    this.#flush();
    const [only, ...others] = this.#runs;
    if (only === undefined) return new KeyPacker(this.#budget).finish();
    return others.length === 0 ? only.finish() : this.#merge();
  }

  /** Appends the chunk to the last run, or begins another one where it would not be in order. */
  #flush(): void {
    const chunk = this.#chunk;
    const [first] = isSorted(chunk) ? chunk : chunk.sort();
    if (first === undefined) return;
    let run = this.#runs.at(-1);
    if (run === undefined || this.#last === undefined || first < this.#last) {
      run = new KeyPacker(this.#budget);
      this.#runs.push(run);
      this.#last = undefined;
    }
    for (const key of chunk) {
      if (key !== this.#last) run.add(key);
      this.#last = key;
    }
    this.#chunk = [];
    this.#characters = 0;
  }

  #merge(): KeyListMemory {
    const merged = new KeyPacker(this.#budget);
    const heap = new RunHeap();
    for (const run of this.#runs.splice(0)) heap.push(run.drain());
    let last: string | undefined;
    for (let key = heap.take(); key !== undefined; key = heap.take()) {
      if (key !== last) merged.add(key);
      last = key;
    }
    return merged.finish();
  }
}

function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index++) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return false;
  }
  return true;
}

/** Runs as a heap, with the one that has the smallest key on top. */
class RunHeap {
  readonly #runs: Run[] = [];

  push(rest: Iterator<string>): void {
    const first = rest.next();
    if (first.done === true) return;
    this.#runs.push({ key: first.value, rest });
    for (let at = this.#runs.length - 1; at > 0;) {
      const above = Math.floor((at - 1) / 2);
      if (!this.#swapUnlessSorted(above, at)) return;
      at = above;
    }
  }

  /** The smallest key of all runs, which it is removed from. */
  take(): string | undefined {
    const [top] = this.#runs;
    if (top === undefined) return undefined;
    const { key } = top;
    const next = top.rest.next();
    if (next.done !== true) top.key = next.value;
    else {
      const last = this.#runs.pop();
      if (last !== undefined && this.#runs.length > 0) this.#runs[0] = last;
    }
    this.#sink();
    return key;
  }

  #sink(): void {
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const leftKey = this.#runs[left]?.key;
      if (leftKey === undefined) return;
      const rightKey = this.#runs[right]?.key;
      const smaller = rightKey !== undefined && rightKey < leftKey ? right : left;
      if (!this.#swapUnlessSorted(at, smaller)) return;
      at = smaller;
    }
  }

  #swapUnlessSorted(above: number, below: number): boolean {
    const [one, other] = [this.#runs[above], this.#runs[below]];
    if (one === undefined || other === undefined || one.key <= other.key) return false;
    this.#runs[above] = other;
    this.#runs[below] = one;
    return true;
  }
}
