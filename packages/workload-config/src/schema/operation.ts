import { z } from 'zod';
import { addressOrPath, byteSize, count, ratio } from './scalars.ts';
import { sizeSpec } from './size-spec.ts';

/** How often an operation is chosen, relative to the others; 0 switches it off. */
const weight = count.describe('relative share of the mix; 0 switches the operation off');
const path = addressOrPath.min(1, 'must not be empty');

const put = z
  .strictObject({
    op: z.literal('put'),
    weight,
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
  z.strictObject({ op: z.literal('get'), weight, path }),
  put,
  z.strictObject({ op: z.literal('list'), weight, path }),
  z.strictObject({ op: z.literal('stat'), weight, path }),
  z.strictObject({ op: z.literal('delete'), weight, path }),
]);

export type OperationInput = z.output<typeof operation>;
