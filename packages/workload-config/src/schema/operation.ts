import { z } from 'zod';
import { RANGE_OFFSETS } from '../workload/operation.ts';
import { access, order } from './access.ts';
import { addressOrPath, byteSize, concurrency, count, ratio } from './scalars.ts';
import { sizeSpec } from './size-spec.ts';

/** How often an operation is chosen, relative to the others; 0 switches it off. */
const weight = count.describe('relative share of the mix; 0 switches the operation off');
const path = addressOrPath.min(1, 'must not be empty');
/** What every operation has. */
const common = { weight, concurrency: concurrency.optional() };

/** The part of each object that a get reads. */
const range = z.strictObject({
  size: byteSize.refine((value) => value >= 1, 'must be at least 1 byte'),
  offset: z.enum(RANGE_OFFSETS).default('random'),
});

const put = z
  .strictObject({
    op: z.literal('put'),
    ...common,
    path: addressOrPath.default(''),
    object_size: byteSize.optional(),
    size_spec: sizeSpec.optional(),
    size_distribution: sizeSpec.optional(),
    dedup_factor: ratio.default(1),
    compress_factor: ratio.default(1),
  })
  .refine(
    (op) =>
      [op.object_size, op.size_spec, op.size_distribution].filter((size) => size !== undefined)
        .length === 1,
    'put needs exactly one of object_size and size_spec',
  );

/** One entry of the operation mix. */
export const operation = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('get'), ...common, path, access, range: range.optional() }),
  put,
  z.strictObject({ op: z.literal('list'), ...common, path }),
  z.strictObject({ op: z.literal('stat'), ...common, path, access }),
  z.strictObject({ op: z.literal('delete'), ...common, path, access: order }),
  z.strictObject({ op: z.literal('mkdir'), ...common, path }),
  z.strictObject({
    op: z.literal('rmdir'),
    ...common,
    path,
    recursive: z.boolean().default(false),
  }),
]);

export type OperationInput = z.output<typeof operation>;
