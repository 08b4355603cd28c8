import { type SizeDistribution, weightedSizes } from '@sai3bench/datagen';
import { z } from 'zod';
import type { SizeFile } from '../sizes/size-file.ts';
import { byteSize, positiveCount, text } from './scalars.ts';

/**
 * Where a lognormal distribution without `max` ends, in standard deviations above the mean, because buffers
 * need a bound. By Chebyshev's inequality at most one object in 10,000 would lie beyond.
 */
const UNBOUNDED_STD_DEVS = 100;

const uniform = z
  .strictObject({
    type: z.literal('uniform'),
    min: byteSize.default(1024),
    max: byteSize.default(1048576),
  })
  .refine(({ min, max }) => min <= max, { message: 'must not exceed max', path: ['min'] })
  .transform(({ min, max }): SizeDistribution => ({
    type: 'uniform',
    minBytes: min,
    maxBytes: max,
  }));

const lognormal = z
  .strictObject({
    type: z.literal('lognormal'),
    mean: byteSize.refine((value) => value > 0, 'must be more than 0'),
    std_dev: byteSize.refine((value) => value > 0, 'must be more than 0'),
    min: byteSize.default(1),
    max: byteSize.optional(),
  })
  .refine(({ min, max }) => max === undefined || min <= max, {
    message: 'must not exceed max',
    path: ['min'],
  })
  .transform(({ mean, std_dev, min, max }): SizeDistribution => ({
    type: 'lognormal',
    meanBytes: mean,
    stdDevBytes: std_dev,
    minBytes: min,
    maxBytes: max ?? Math.max(min, Math.round(mean + UNBOUNDED_STD_DEVS * std_dev)),
  }));

/** One size or a range of sizes, and how many objects have it. */
const bucket = z
  .strictObject({
    size: byteSize.optional(),
    min: byteSize.optional(),
    max: byteSize.optional(),
    weight: z.number().min(0, 'must be at least 0'),
  })
  .refine(
    ({ max, min, size }) =>
      size === undefined
        ? min !== undefined && max !== undefined
        : min === undefined && max === undefined,
    'needs either size, or min and max',
  )
  .refine(({ max, min }) => min === undefined || max === undefined || min <= max, {
    message: 'must not exceed max',
    path: ['min'],
  })
  .transform(({ max = 0, min = 0, size, weight }) => ({
    minBytes: size ?? min,
    maxBytes: size ?? max,
    weight,
  }));

const weighted = z
  .strictObject({
    type: z.literal('weighted'),
    buckets: z
      .array(bucket)
      .refine(
        (buckets) => buckets.some(({ weight }) => weight > 0),
        'need at least one with a weight above 0',
      ),
  })
  .transform(({ buckets }): SizeDistribution => weightedSizes(buckets));

const histogram = z
  .strictObject({ type: z.literal('histogram'), file: text })
  .transform(({ file }): SizeFile => ({ type: 'histogram', file, column: undefined }));

const inventory = z
  .strictObject({
    type: z.literal('inventory'),
    file: text,
    column: z
      .union([positiveCount, text], { error: 'must be the name or the number of a column' })
      .optional(),
  })
  .transform(({ column, file }): SizeFile => ({ type: 'inventory', file, column }));

/** How large objects are: a size, or `{type: uniform | lognormal | weighted | histogram | inventory, ...}`. */
export const sizeSpec = z.union([
  byteSize.transform((sizeBytes): SizeDistribution => ({ type: 'fixed', sizeBytes })),
  z.discriminatedUnion('type', [uniform, lognormal, weighted, histogram, inventory]),
]);
