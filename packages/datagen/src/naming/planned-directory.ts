import { type IndexRange, overlap } from '../index-range.ts';
import { DirectoryTree } from './directory-tree.ts';
import type { ObjectNaming } from './object-names.ts';
import { shardOf } from './shard.ts';

/** A directory in which, or below which, objects of a range lie. */
export interface PlannedDirectory {
  /** Relative to the place of the dataset: empty, or ending with `/`. */
  readonly path: string;
  /** How many objects of the range lie in the directory itself. */
  readonly objects: number;
  /** How many lie in it or below. */
  readonly objectsBelow: number;
  /** The directory of a name that lies in this one; undefined where no object of the range lies in or below it. */
  child(name: string): PlannedDirectory | undefined;
}

/**
 * The directories in which the objects of a range lie, as a tree to walk down: nothing is kept of it, and what is below a
 * directory is known without looking at each.
 */
export function planDirectories(naming: ObjectNaming, range: IndexRange): PlannedDirectory {
  if (naming.type === 'tree') return new TreeDirectory(new DirectoryTree(naming), range, undefined);
  const objects = Math.max(0, range.end - range.begin);
  return naming.shards === 0
    ? flatDirectory('', objects)
    : {
        ...{ path: '', objects: 0, objectsBelow: objects },
        child: (name) => shardDirectory(name, naming.shards, range),
      };
}

function flatDirectory(path: string, objects: number): PlannedDirectory {
  return { path, objects, objectsBelow: objects, child: () => undefined };
}

function shardDirectory(
  name: string,
  shards: number,
  { begin, end }: IndexRange,
): PlannedDirectory | undefined {
  const path = `${name}/`;
  const shard = Number.parseInt(name, 16);
  if (!(shard < shards) || shardOf(shard, shards) !== path) return undefined;
  const before = (index: number): number => Math.max(0, Math.ceil((index - shard) / shards));
  const objects = before(end) - before(begin);
  return objects > 0 ? flatDirectory(path, objects) : undefined;
}

class TreeDirectory implements PlannedDirectory {
  readonly path: string;
  readonly objects: number;
  readonly objectsBelow: number;
  readonly #tree: DirectoryTree;
  readonly #range: IndexRange;
  readonly #directory: number | undefined;

  /** @param directory undefined for the root */
  constructor(tree: DirectoryTree, range: IndexRange, directory: number | undefined) {
    this.#tree = tree;
    this.#range = range;
    this.#directory = directory;
    this.path = directory === undefined ? '' : tree.pathOf(directory);
    this.objects = directory === undefined ? 0 : overlap(tree.filesOf(directory), range);
    this.objectsBelow = tree.subtreeOf(directory).reduce((sum, { begin, end }) => {
      const files = { begin: tree.filesOf(begin).begin, end: tree.filesOf(end - 1).end };
      return sum + overlap(files, range);
    }, 0);
  }

  child(name: string): PlannedDirectory | undefined {
    const number = this.#tree.childNamed(this.#directory, name);
    if (number === undefined) return undefined;
    const child = new TreeDirectory(this.#tree, this.#range, number);
    return child.objectsBelow > 0 ? child : undefined;
  }
}
