import { z } from 'zod';
import { directoryStructure } from './directory-structure.ts';
import { addressOrPath, byteSize, count, pause, ratio } from './scalars.ts';
import { sizeSpec } from './size-spec.ts';

/** Size of objects of which the file does not say it, as in the peer. */
export const DEFAULT_SIZE_BYTES = 1_048_576;
/** Shards are numbered in 32 bits. */
const MAX_SHARDS = 2 ** 32;

const ensureObjects = z
  .strictObject({
    base_uri: addressOrPath.optional(),
    count: count.optional(),
    size_spec: sizeSpec.optional(),
    size_distribution: sizeSpec.optional(),
    min_size: byteSize.optional(),
    max_size: byteSize.optional(),
    fill: z.enum(['random', 'prand', 'zero']).default('random'),
    dedup_factor: ratio.default(1),
    compress_factor: ratio.default(1),
  })
  .refine((entry) => entry.size_spec === undefined || entry.size_distribution === undefined, {
    message: 'size_distribution is another name of size_spec: give one of them',
    path: ['size_distribution'],
  })
  .refine(
    ({ max_size, min_size, size_distribution, size_spec }) =>
      (size_spec ?? size_distribution) !== undefined ||
      (min_size ?? DEFAULT_SIZE_BYTES) <= (max_size ?? DEFAULT_SIZE_BYTES),
    {
      message: 'must not exceed max_size (each is 1 MiB when it is left out): write size_spec',
      path: ['min_size'],
    },
  );

/** Some spell it in two words. */
const cleanupMode = z
  .enum(['strict', 'tolerant', 'besteffort', 'best_effort'])
  .default('tolerant')
  .transform((mode) => (mode === 'best_effort' ? 'besteffort' : mode));

/** What exists before the workload runs. */
export const prepare = z
  .strictObject({
    ensure_objects: z.array(ensureObjects).default([]),
    directory_structure: directoryStructure.optional(),
    key_prefix_shards: count
      .refine((value) => value <= MAX_SHARDS, `must not be more than ${String(MAX_SHARDS)}`)
      .default(0),
    prepare_strategy: z.enum(['sequential', 'parallel']).default('sequential'),
    force_overwrite: z.boolean().default(false),
    skip_verification: z.boolean().default(false),
    post_prepare_delay: pause.default(0),
    cleanup: z.boolean().default(false),
    cleanup_mode: cleanupMode,
    cleanup_only: z.boolean().default(false),
  })
  .superRefine(({ directory_structure: tree, ensure_objects: entries }, context) => {
    if (tree !== undefined && entries.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['directory_structure'],
        message:
          'needs an entry in prepare.ensure_objects, which says where the tree is: [{}] will do',
      });
    }
    for (const [index, entry] of entries.entries()) {
      const message = countProblem(entry.count, tree?.fileCount);
      if (message === undefined) continue;
      context.addIssue({ code: 'custom', path: ['ensure_objects', index, 'count'], message });
    }
  });

/** In a tree there are as many objects as it has files, so a count can only say the same. */
function countProblem(objects: number | undefined, files: number | undefined): string | undefined {
  if (files === undefined) return objects === undefined ? 'is missing' : undefined;
  if (objects === undefined || objects === 0 || objects === files) return undefined;
  return `is ${String(objects)}, but prepare.directory_structure has ${String(files)} files: leave it out, or write 0 or ${String(files)}`;
}

export type PrepareInput = z.output<typeof prepare>;
