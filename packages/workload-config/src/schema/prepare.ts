import { z } from 'zod';
import { addressOrPath, count, ratio } from './scalars.ts';
import { sizeSpec } from './size-spec.ts';

const ensureObjects = z
  .strictObject({
    base_uri: addressOrPath.optional(),
    count,
    size_spec: sizeSpec.optional(),
    size_distribution: sizeSpec.optional(),
    fill: z.enum(['random', 'prand', 'zero']).default('random'),
    dedup_factor: ratio.default(1),
    compress_factor: ratio.default(1),
  })
  .refine((entry) => entry.size_spec === undefined || entry.size_distribution === undefined, {
    message: 'size_distribution is another name of size_spec: give one of them',
    path: ['size_distribution'],
  });

/** What exists before the workload runs. */
export const prepare = z.strictObject({
  ensure_objects: z.array(ensureObjects).default([]),
  cleanup: z.boolean().default(false),
});

export type PrepareInput = z.output<typeof prepare>;
