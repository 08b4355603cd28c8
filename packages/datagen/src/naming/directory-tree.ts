import { BenchError } from '@sai3bench/errors';
import { type IndexRange, partition, partOf } from '../index-range.ts';
import { DirectoryMask, DirectoryNames } from './directory-mask.ts';
import { paddedNumber } from './padded-number.ts';

/** What defines a tree of directories with files in it. */
export interface TreeSpec {
  /** Directories in each directory, and in the root. */
  readonly width: number;
  /** Levels below the root. */
  readonly depth: number;
  readonly filesPerDirectory: number;
  /** Which directories have files: those of the last level, or all but the root. */
  readonly distribution: 'bottom' | 'all';
  /** See {@link DirectoryMask}. */
  readonly mask: string;
}

/** A deeper path would not fit into any file system. */
const MAX_DEPTH = 2048;

/**
 * A tree of directories as a function: nothing is kept of it, however large it is.
 *
 * Directories are numbered from 0, level by level from the top, and within a level from left to right. So that is
 * the order in which to make them; {@link bottomUp} is the one in which to remove them. Files are numbered from 0
 * through the directories that have files. Paths are relative to the root, which is not one of the directories.
 */
export class DirectoryTree {
  readonly spec: TreeSpec;
  readonly directoryCount: number;
  readonly fileCount: number;
  /** The directories that have files. */
  readonly directoriesWithFiles: IndexRange;
  readonly #names: DirectoryNames;
  /** Number of the first directory of each level; after them, the number of all directories. */
  readonly #levelBegins: readonly number[];
  #lastDirectory = -1;
  #lastPath = '';

  /** @throws BenchError `TREE_SIZE` when it has no level or more directories or files than can be counted */
  constructor(spec: TreeSpec) {
    this.spec = spec;
    this.#levelBegins = levelBeginsOf(spec);
    this.directoryCount = this.#levelBegins[spec.depth] ?? 0;
    this.directoriesWithFiles =
      spec.distribution === 'all'
        ? { begin: 0, end: this.directoryCount }
        : this.levelRange(spec.depth);
    const { begin, end } = this.directoriesWithFiles;
    this.fileCount = (end - begin) * spec.filesPerDirectory;
    if (!Number.isSafeInteger(this.fileCount)) throw tooLarge(spec, 'files');
    this.#names = new DirectoryNames(new DirectoryMask(spec.mask), spec.width, spec.depth);
  }

  /** The directories of a level, 1 to `depth`. */
  levelRange(level: number): IndexRange {
    return { begin: this.#levelBegin(level), end: this.#levelBegin(level + 1) };
  }

  /** The level of a directory, from 1. */
  levelOf(directory: number): number {
    let level = this.spec.depth;
    while (level > 1 && directory < this.#levelBegin(level)) level--;
    return level;
  }

  /** The path of a directory, ending with `/`: `sai3bench.d1_w2.dir/sai3bench.d2_w1.dir/`. */
  pathOf(directory: number): string {
    if (directory === this.#lastDirectory) return this.#lastPath;
    const { width } = this.spec;
    const level = this.levelOf(directory);
    let position = directory - this.#levelBegin(level);
    let path = '';
    for (let at = level; at >= 1; at--) {
      const parent = Math.floor(position / width);
      path = this.#names.nameOf(at, position - parent * width) + path;
      position = parent;
    }
    this.#lastDirectory = directory;
    this.#lastPath = path;
    return path;
  }

  /** The directory that a directory lies in; undefined below the root. */
  parentOf(directory: number): number | undefined {
    const level = this.levelOf(directory);
    if (level === 1) return undefined;
    const position = directory - this.#levelBegin(level);
    return this.#levelBegin(level - 1) + Math.floor(position / this.spec.width);
  }

  /** The directories that lie in a directory; none in those of the last level. */
  childrenOf(directory: number): IndexRange {
    const level = this.levelOf(directory);
    if (level === this.spec.depth) return { begin: this.directoryCount, end: this.directoryCount };
    const position = directory - this.#levelBegin(level);
    const begin = this.#levelBegin(level + 1) + position * this.spec.width;
    return { begin, end: begin + this.spec.width };
  }

  /**
   * The directory that has a name below another one.
   *
   * @param parent undefined for the root
   */
  childNamed(parent: number | undefined, name: string): number | undefined {
    const level = parent === undefined ? 1 : this.levelOf(parent) + 1;
    if (level > this.spec.depth) return undefined;
    const child = this.#names.childOf(level, name);
    const begin = parent === undefined ? 0 : this.childrenOf(parent).begin;
    return child === undefined ? undefined : begin + child;
  }

  /**
   * A directory and all below it, as one range for each level.
   *
   * @param directory undefined for all directories, which are those below the root
   */
  subtreeOf(directory?: number): IndexRange[] {
    const levels: IndexRange[] = [];
    let range =
      directory === undefined ? this.levelRange(1) : { begin: directory, end: directory + 1 };
    while (range.begin < range.end) {
      levels.push(range);
      range = {
        begin: this.childrenOf(range.begin).begin,
        end: this.childrenOf(range.end - 1).end,
      };
    }
    return levels;
  }

  /** The directory that comes at a position, from 0, when every directory comes before the one that it lies in. */
  bottomUp(position: number): number {
    return this.directoryCount - 1 - position;
  }

  /** The directory that a file lies in. */
  directoryOf(file: number): number {
    return this.directoriesWithFiles.begin + Math.floor(file / this.spec.filesPerDirectory);
  }

  /** The files that lie in a directory. */
  filesOf(directory: number): IndexRange {
    const { begin, end } = this.directoriesWithFiles;
    if (directory < begin || directory >= end) return { begin: 0, end: 0 };
    const first = (directory - begin) * this.spec.filesPerDirectory;
    return { begin: first, end: first + this.spec.filesPerDirectory };
  }

  /** The path of a file: `sai3bench.d1_w2.dir/file_00000007.dat`. */
  filePathOf(file: number): string {
    return `${this.pathOf(this.directoryOf(file))}file_${paddedNumber(file)}.dat`;
  }

  /**
   * The directories of one level that belong to `part` of `parts` owners. Every directory belongs to one owner: the
   * one that its last file belongs to when {@link partition} deals the files.
   */
  ownDirectories(level: number, part: number, parts: number): IndexRange {
    const { begin, end } = this.levelRange(level);
    if (this.spec.distribution === 'bottom') {
      const share = partition(end - begin, part, parts);
      return { begin: begin + share.begin, end: begin + share.end };
    }
    const share = partition(this.directoryCount, part, parts);
    const from = Math.min(Math.max(share.begin, begin), end);
    return { begin: from, end: Math.max(from, Math.min(share.end, end)) };
  }

  /** Which of `parts` owners a directory belongs to, in accordance with {@link ownDirectories}. */
  ownerOf(directory: number, parts: number): number {
    if (this.spec.distribution === 'all') return partOf(this.directoryCount, directory, parts);
    const { begin, end } = this.levelRange(this.levelOf(directory));
    return partOf(end - begin, directory - begin, parts);
  }

  #levelBegin(level: number): number {
    return this.#levelBegins[level - 1] ?? this.directoryCount;
  }
}

function levelBeginsOf(spec: TreeSpec): number[] {
  const { depth, width } = spec;
  if (width < 1 || depth < 1) {
    throw new BenchError('a directory tree needs a width and a depth of at least 1', {
      code: 'TREE_SIZE',
      class: 'config',
    });
  }
  if (depth > MAX_DEPTH) {
    throw new BenchError(`a directory tree of ${String(depth)} levels is too deep`, {
      code: 'TREE_SIZE',
      class: 'config',
      hint: `depth is the number of levels, ${String(MAX_DEPTH)} at most`,
    });
  }
  const begins = [0];
  let inLevel = 1;
  for (let level = 1; level <= depth; level++) {
    inLevel *= width;
    const begin = (begins[level - 1] ?? 0) + inLevel;
    if (!Number.isSafeInteger(begin)) throw tooLarge(spec, 'directories');
    begins.push(begin);
  }
  return begins;
}

function tooLarge({ depth, filesPerDirectory, width }: TreeSpec, what: string): BenchError {
  return new BenchError(
    `a directory tree of width ${String(width)}, depth ${String(depth)} and ${String(filesPerDirectory)} files per directory has more than 2^53 ${what}`,
    { code: 'TREE_SIZE', class: 'config', hint: 'lower width or depth' },
  );
}
