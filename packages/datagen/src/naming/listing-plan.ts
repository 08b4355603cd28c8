import type { IndexRange } from '../index-range.ts';
import type { ObjectNaming } from './object-names.ts';
import { DirectoryTree, type TreeSpec } from './directory-tree.ts';
import { paddedNumber } from './padded-number.ts';
import { shardOf } from './shard.ts';

/** Names that one listing should find at least, where there are as many: as many as S3 puts on one page. */
const PAGE = 1000;

/** Prefixes that together cover the names of a range of objects, each listed on its own, in any order. */
export interface ListingPlan {
  /** How many prefixes there are. */
  readonly count: number;
  /** A prefix, 0 to `count` - 1, relative to the place of the dataset. */
  readonly prefixAt: (position: number) => string;
}

/**
 * How to find out by listing which objects of a range exist: many listings that can go on side by side, each of a few
 * pages, which find all names of the range and not many others.
 *
 * @param name first part of the names of flat objects
 */
export function planListing(naming: ObjectNaming, name: string, range: IndexRange): ListingPlan {
  if (range.begin >= range.end) return { count: 0, prefixAt: () => '' };
  return naming.type === 'tree'
    ? planTree(naming, range)
    : planFlat(naming.shards, `${name}-`, range);
}

/** Flat names are listed by the leading digits of their numbers, in every shard. */
function planFlat(shards: number, name: string, range: IndexRange): ListingPlan {
  const each = Math.max(1, shards);
  const digits = Math.ceil(Math.log10(PAGE * each));
  const blockObjects = 10 ** digits;
  const first = Math.floor(range.begin / blockObjects);
  const blocks = Math.floor((range.end - 1) / blockObjects) - first + 1;
  return {
    count: blocks * each,
    prefixAt: (position) => {
      const block = first + Math.floor(position / each);
      const number = paddedNumber(block * blockObjects).slice(0, -digits);
      return `${shardOf(position % each, shards)}${name}${number}`;
    },
  };
}

/** Trees are listed by directories that lie so high that enough files are in them. */
function planTree(spec: TreeSpec, range: IndexRange): ListingPlan {
  const tree = new DirectoryTree(spec);
  const first = tree.directoryOf(range.begin);
  const last = tree.directoryOf(range.end - 1);
  if (spec.distribution === 'all') {
    // Directories below have other names than files, so that this finds the files of the directory itself.
    return {
      count: last - first + 1,
      prefixAt: (position) => `${tree.pathOf(first + position)}file_`,
    };
  }
  let { depth: level } = spec;
  let files = spec.filesPerDirectory;
  let leaves = 1;
  for (; level > 1 && files < PAGE; level--) {
    files *= spec.width;
    leaves *= spec.width;
  }
  const { begin: firstLeaf } = tree.levelRange(spec.depth);
  const { begin } = tree.levelRange(level);
  const ancestorOf = (leaf: number): number => begin + Math.floor((leaf - firstLeaf) / leaves);
  return {
    count: ancestorOf(last) - ancestorOf(first) + 1,
    prefixAt: (position) => tree.pathOf(ancestorOf(first) + position),
  };
}
