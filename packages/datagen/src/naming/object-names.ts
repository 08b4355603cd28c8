import { DirectoryTree, type TreeSpec } from './directory-tree.ts';
import { paddedNumber } from './padded-number.ts';
import { shardOf } from './shard.ts';

/**
 * How the objects of a dataset are named.
 *
 *   flat            prepared-00000042.dat
 *   flat, sharded   2a/prepared-00000042.dat
 *   tree            sai3bench.d1_w1.dir/sai3bench.d2_w3.dir/file_00000042.dat
 */
export type ObjectNaming =
  | {
      readonly type: 'flat';
      /** Over how many prefixes names are spread; 0 for none. */
      readonly shards: number;
    }
  | ({ readonly type: 'tree' } & TreeSpec);

/** Names of objects, relative to the place of the dataset, computed from their numbers. */
export class ObjectNames {
  /** The directories, where there is a tree. */
  readonly tree: DirectoryTree | undefined;
  readonly #name: string;
  readonly #shards: number;

  /** @param name first part of the names of flat objects */
  constructor(naming: ObjectNaming, name: string) {
    this.tree = naming.type === 'tree' ? new DirectoryTree(naming) : undefined;
    this.#name = name;
    this.#shards = naming.type === 'flat' ? naming.shards : 0;
  }

  nameOf(index: number): string {
    if (this.tree !== undefined) return this.tree.filePathOf(index);
    return `${shardOf(index, this.#shards)}${this.#name}-${paddedNumber(index)}.dat`;
  }

  /** The number of the object that has a name; undefined for a name that no object has. */
  indexOf(name: string): number | undefined {
    const digits = /(\d+)\.dat$/.exec(name)?.[1];
    if (digits === undefined) return undefined;
    const index = Number(digits);
    const isName =
      Number.isSafeInteger(index) && this.#exists(index) && this.nameOf(index) === name;
    return isName ? index : undefined;
  }

  #exists(index: number): boolean {
    return this.tree === undefined || index < this.tree.fileCount;
  }

  /** A name that is at least as long as any of `count` objects: no object need have it. */
  longestName(count: number): string {
    const last = Math.max(0, count - 1);
    if (this.tree === undefined) {
      return `${shardOf(this.#shards - 1, this.#shards)}${this.#name}-${paddedNumber(last)}.dat`;
    }
    return `${this.tree.pathOf(this.tree.directoryCount - 1)}file_${paddedNumber(last)}.dat`;
  }

  /** Entries, files and directories, of the fullest directory that `count` objects lie in or below. */
  mostEntries(count: number): number {
    if (this.tree === undefined) {
      if (this.#shards === 0) return count;
      return Math.max(Math.min(count, this.#shards), Math.ceil(count / this.#shards));
    }
    const { depth, distribution, filesPerDirectory, width } = this.tree.spec;
    return distribution === 'all' && depth > 1
      ? width + filesPerDirectory
      : Math.max(width, filesPerDirectory);
  }
}
