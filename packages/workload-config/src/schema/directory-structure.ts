import { DirectoryMask, DirectoryTree } from '@sai3bench/datagen';
import { z } from 'zod';
import { TREE_DISTRIBUTIONS } from '../workload/prepare.ts';
import { count, positiveCount, problemOf, text } from './scalars.ts';

const mask = text.superRefine((value, context) => {
  const message = problemOf(() => new DirectoryMask(value));
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** A tree of directories that objects lie in. Yields the tree. */
export const directoryStructure = z
  .strictObject({
    width: positiveCount,
    depth: positiveCount,
    files_per_dir: count.default(0),
    distribution: z.enum(TREE_DISTRIBUTIONS).default('bottom'),
    dir_mask: mask.default('sai3bench.d%d_w%d.dir'),
  })
  .transform(({ depth, dir_mask, distribution, files_per_dir, width }, context) => {
    const spec = { width, depth, filesPerDirectory: files_per_dir, distribution, mask: dir_mask };
    let tree: DirectoryTree | undefined;
    const message = problemOf(() => (tree = new DirectoryTree(spec)));
    if (tree !== undefined) return tree;
    context.addIssue({ code: 'custom', message: message ?? 'is no tree' });
    return z.NEVER;
  });
