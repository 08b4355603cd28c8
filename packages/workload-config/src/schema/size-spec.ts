import type { SizeDistribution } from '@sai3bench/datagen';
import { z } from 'zod';
import { byteSize } from './scalars.ts';

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
  .refine(({ min, max }) => min <= max, { message: 'min must not exceed max', path: ['min'] })
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
    message: 'min must not exceed max',
    path: ['min'],
  })
  .transform(({ mean, std_dev, min, max }): SizeDistribution => ({
    type: 'lognormal',
    meanBytes: mean,
    stdDevBytes: std_dev,
    minBytes: min,
    maxBytes: max ?? Math.max(min, Math.round(mean + UNBOUNDED_STD_DEVS * std_dev)),
  }));

/** How large objects are: a size, or `{type: uniform | lognormal, ...}`. */
export const sizeSpec = z.union([
  byteSize.transform((sizeBytes): SizeDistribution => ({ type: 'fixed', sizeBytes })),
  z.discriminatedUnion('type', [uniform, lognormal]),
]);
