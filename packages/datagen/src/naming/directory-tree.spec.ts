import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { partition } from '../index-range.ts';
import { DirectoryTree, type TreeSpec } from './directory-tree.ts';

const MASK = 'sai3bench.d%d_w%d.dir';

const smallTree: fc.Arbitrary<TreeSpec> = fc.record({
  width: fc.integer({ min: 1, max: 4 }),
  depth: fc.integer({ min: 1, max: 4 }),
  filesPerDirectory: fc.integer({ min: 1, max: 5 }),
  distribution: fc.constantFrom('bottom' as const, 'all' as const),
  mask: fc.constantFrom(MASK, 'l%d-%d', '%dx%d'),
});

/** Every directory and file of a tree, made as one would by hand. */
function enumerate(spec: TreeSpec) {
  let level: { path: string; parent: number | undefined }[] = [{ path: '', parent: undefined }];
  let begin = -1;
  const directories: { path: string; parent: number | undefined; level: number }[] = [];
  const files: { path: string; directory: number }[] = [];
  for (let depth = 1; depth <= spec.depth; depth++) {
    const next = level.flatMap(({ path }, position) =>
      Array.from({ length: spec.width }, (_, child) => {
        const [before = '', between = '', after = ''] = spec.mask.split('%d');
        const name = `${before}${String(depth)}${between}${String(child + 1)}${after}/`;
        return { path: path + name, parent: depth === 1 ? undefined : begin + position };
      }),
    );
    begin = directories.length;
    directories.push(...next.map((directory) => ({ ...directory, level: depth })));
    level = next;
  }
  for (const [directory, { level: at, path }] of directories.entries()) {
    if (spec.distribution === 'bottom' && at < spec.depth) continue;
    for (let file = 0; file < spec.filesPerDirectory; file++) {
      const number = String(files.length).padStart(8, '0');
      files.push({ path: `${path}file_${number}.dat`, directory });
    }
  }
  return { directories, files };
}

describe('DirectoryTree', () => {
  it('has the directories and files that one gets by making them one by one', () => {
    fc.assert(
      fc.property(smallTree, (spec) => {
        const tree = new DirectoryTree(spec);
        const { directories, files } = enumerate(spec);
        const computed = Array.from({ length: tree.directoryCount }, (_, directory) => ({
          path: tree.pathOf(directory),
          parent: tree.parentOf(directory),
          level: tree.levelOf(directory),
        }));
        expect(computed).toEqual(directories);
        expect(
          Array.from({ length: tree.fileCount }, (_, file) => ({
            path: tree.filePathOf(file),
            directory: tree.directoryOf(file),
          })),
        ).toEqual(files);
      }),
    );
  });

  it('finds the same path in any order', () => {
    const tree = new DirectoryTree({
      width: 24,
      depth: 3,
      filesPerDirectory: 7,
      distribution: 'all',
      mask: MASK,
    });
    fc.assert(
      fc.property(fc.array(fc.nat(tree.directoryCount - 1), { minLength: 2 }), (directories) => {
        const once = directories.map((directory) => tree.pathOf(directory));
        const again = directories.toReversed().map((directory) => tree.pathOf(directory));
        expect(again.toReversed()).toEqual(once);
      }),
    );
  });

  it('knows children, files and levels of every directory', () => {
    fc.assert(
      fc.property(smallTree, (spec) => {
        const tree = new DirectoryTree(spec);
        let children = 0;
        let files = 0;
        for (let directory = 0; directory < tree.directoryCount; directory++) {
          const within = tree.childrenOf(directory);
          for (let child = within.begin; child < within.end; child++) {
            expect(tree.parentOf(child)).toBe(directory);
          }
          children += within.end - within.begin;
          const { begin, end } = tree.filesOf(directory);
          for (let file = begin; file < end; file++) {
            expect(tree.directoryOf(file)).toBe(directory);
          }
          files += end - begin;
          const level = tree.levelRange(tree.levelOf(directory));
          expect(directory >= level.begin && directory < level.end).toBe(true);
        }
        expect(children).toBe(tree.directoryCount - spec.width);
        expect(files).toBe(tree.fileCount);
      }),
    );
  });

  it('puts every directory before the one that it lies in when it goes bottom-up', () => {
    fc.assert(
      fc.property(smallTree, (spec) => {
        const tree = new DirectoryTree(spec);
        const removed = new Set<number>();
        for (let position = 0; position < tree.directoryCount; position++) {
          const directory = tree.bottomUp(position);
          const { begin, end } = tree.childrenOf(directory);
          for (let child = begin; child < end; child++) expect(removed.has(child)).toBe(true);
          removed.add(directory);
        }
        expect(removed.size).toBe(tree.directoryCount);
      }),
    );
  });

  it('deals every directory to one owner, who is that of its last file', () => {
    fc.assert(
      fc.property(smallTree, fc.integer({ min: 1, max: 7 }), (spec, owners) => {
        const tree = new DirectoryTree(spec);
        const ownerOfFile = (file: number): number => {
          for (let part = 0; part < owners; part++) {
            if (file < partition(tree.fileCount, part, owners).end) return part;
          }
          return -1;
        };
        let dealt = 0;
        for (let part = 0; part < owners; part++) {
          for (let level = 1; level <= spec.depth; level++) {
            const { begin, end } = tree.ownDirectories(level, part, owners);
            for (let directory = begin; directory < end; directory++) {
              expect(tree.levelOf(directory)).toBe(level);
              expect(tree.ownerOf(directory, owners)).toBe(part);
              const files = tree.filesOf(directory);
              if (files.end > files.begin) expect(ownerOfFile(files.end - 1)).toBe(part);
            }
            dealt += end - begin;
          }
        }
        expect(dealt).toBe(tree.directoryCount);
      }),
    );
  });

  it.each([
    [2, 576, 111_168],
    [3, 13_824, 2_668_032],
    [4, 331_776, 64_032_768],
  ])(
    'counts 24 directories in each of %i levels, 193 files in each leaf',
    (depth, leaves, files) => {
      const tree = new DirectoryTree({
        width: 24,
        depth,
        filesPerDirectory: 193,
        distribution: 'bottom',
        mask: MASK,
      });
      const { begin, end } = tree.directoriesWithFiles;
      expect([end - begin, tree.fileCount]).toEqual([leaves, files]);
      expect(tree.filePathOf(files - 1)).toMatch(
        new RegExp(`^(sai3bench\\.d\\d_w24\\.dir/){${String(depth)}}file_\\d+\\.dat$`),
      );
    },
  );

  it('numbers levels and directories in the mask from 1', () => {
    const tree = new DirectoryTree({
      width: 2,
      depth: 2,
      filesPerDirectory: 1,
      distribution: 'all',
      mask: MASK,
    });
    expect(tree.pathOf(0)).toBe('sai3bench.d1_w1.dir/');
    expect(tree.pathOf(4)).toBe('sai3bench.d1_w2.dir/sai3bench.d2_w1.dir/');
    expect(tree.filePathOf(4)).toBe('sai3bench.d1_w2.dir/sai3bench.d2_w1.dir/file_00000004.dat');
  });

  it.each([
    [{ width: 0, depth: 1 }, 'TREE_SIZE'],
    [{ width: 1, depth: 0 }, 'TREE_SIZE'],
    [{ width: 1, depth: 1e9 }, 'TREE_SIZE'],
    [{ width: 1000, depth: 6 }, 'TREE_SIZE'],
    [{ width: 1000, depth: 5, filesPerDirectory: 1000 }, 'TREE_SIZE'],
    [{ width: 1, depth: 1, mask: 'd%d' }, 'TREE_MASK'],
    [{ width: 1, depth: 1, mask: 'd%d_%d_%d' }, 'TREE_MASK'],
    [{ width: 1, depth: 1, mask: 'd%d_%s%d' }, 'TREE_MASK'],
    [{ width: 1, depth: 1, mask: 'd%d/%d' }, 'TREE_MASK'],
  ])('refuses %j', (spec, code) => {
    const whole = { filesPerDirectory: 1, distribution: 'bottom' as const, mask: MASK, ...spec };
    expect(() => new DirectoryTree(whole)).toThrow(expect.objectContaining({ code }));
  });

  it('names directories that are too many to keep their names', () => {
    const tree = new DirectoryTree({
      width: 100_000,
      depth: 2,
      filesPerDirectory: 1,
      distribution: 'bottom',
      mask: MASK,
    });
    expect(tree.pathOf(tree.directoryCount - 1)).toBe(
      'sai3bench.d1_w100000.dir/sai3bench.d2_w100000.dir/',
    );
  });
});
