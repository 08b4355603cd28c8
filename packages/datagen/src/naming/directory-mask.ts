import { BenchError } from '@sai3bench/errors';

/** Names of more directories than this are computed each time instead of being kept. */
const MAX_KEPT_NAMES = 65_536;

/**
 * How the directories of a tree are named: a mask such as `sai3bench.d%d_w%d.dir`, in which the first `%d` is the
 * level and the second the number of the directory below its parent, both from 1.
 */
export class DirectoryMask {
  readonly #before: string;
  readonly #between: string;
  readonly #after: string;

  /** @throws BenchError `TREE_MASK` when two directories could get the same name, or a name be no name */
  constructor(mask: string) {
    const [before, between, after, ...more] = mask.split('%d');
    if (before === undefined || between === undefined || after === undefined || more.length > 0) {
      throw invalid(mask, 'must have two %d: the level, and the number below the parent');
    }
    if (mask.replaceAll('%d', '').includes('%')) throw invalid(mask, 'has a % that is no %d');
    if (/[/\0]/.test(mask)) throw invalid(mask, 'must name one directory, without /');
    this.#before = before;
    this.#between = between;
    this.#after = after;
  }

  /**
   * @param level from 1
   * @param child number below its parent, from 1
   */
  nameOf(level: number, child: number): string {
    return this.#before + String(level) + this.#between + String(child) + this.#after;
  }

  /** The number below its parent, from 1, of the directory that has a name; undefined for a name that none has. */
  childOf(level: number, name: string): number | undefined {
    const head = this.#before + String(level) + this.#between;
    const digits = name.slice(head.length, name.length - this.#after.length);
    const child = Number(digits);
    const isName = Number.isSafeInteger(child) && child > 0 && this.nameOf(level, child) === name;
    return isName ? child : undefined;
  }
}

/** The names of a tree's directories with a slash at the end, kept when they are few. */
export class DirectoryNames {
  readonly #mask: DirectoryMask;
  readonly #width: number;
  readonly #kept: string[][] | undefined;

  constructor(mask: DirectoryMask, width: number, depth: number) {
    this.#mask = mask;
    this.#width = width;
    this.#kept =
      width * depth <= MAX_KEPT_NAMES
        ? Array.from({ length: depth }, (_, level) =>
            Array.from({ length: width }, (__, child) => `${mask.nameOf(level + 1, child + 1)}/`),
          )
        : undefined;
  }

  /** Level from 1, child from 0. */
  nameOf(level: number, child: number): string {
    return this.#kept?.[level - 1]?.[child] ?? `${this.#mask.nameOf(level, child + 1)}/`;
  }

  /** The child from 0 that has a name, without a slash at its end; level from 1. */
  childOf(level: number, name: string): number | undefined {
    const child = this.#mask.childOf(level, name);
    return child === undefined || child > this.#width ? undefined : child - 1;
  }
}

function invalid(mask: string, why: string): BenchError {
  return new BenchError(`the names of directories "${mask}" ${why}`, {
    code: 'TREE_MASK',
    class: 'config',
    hint: 'write something like sai3bench.d%d_w%d.dir',
  });
}
