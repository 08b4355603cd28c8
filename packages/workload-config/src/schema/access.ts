import { z } from 'zod';
import { type AccessPattern, ACCESS_TYPES } from '../workload/operation.ts';
import { fraction } from './scalars.ts';

/** The constant of YCSB. */
const DEFAULT_THETA = 0.99;
/** The 80/20 rule. */
const DEFAULT_H = 0.2;
const MAX_THETA = 20;

const above0 = (value: number): boolean => value > 0;
const part = fraction.refine(above0, 'must be more than 0');

const zipf = z.strictObject({
  type: z.literal('zipf'),
  theta: z
    .number()
    .refine(above0, 'must be more than 0')
    .refine((value) => value <= MAX_THETA, `must not be more than ${String(MAX_THETA)}`)
    .default(DEFAULT_THETA),
});

const pareto = z.strictObject({
  type: z.literal('pareto'),
  h: z
    .number()
    .refine((value) => value > 0 && value < 1, 'must be between 0 and 1')
    .default(DEFAULT_H),
});

const hotspot = z.strictObject({
  type: z.literal('hotspot'),
  objects: part.default(0.2),
  share: part.default(0.8),
});

const even = z.strictObject({ type: z.enum(['uniform', 'sequential', 'shuffled']) });

/** A map that says which of its objects an operation takes. */
const pattern = z.discriminatedUnion('type', [even, zipf, pareto, hotspot]);

/** Which of its objects an operation takes next: a word, or a map with parameters. */
export const access = z
  .union([
    z
      .string()
      .pipe(z.enum(ACCESS_TYPES))
      .transform((type) => pattern.parse({ type })),
    pattern,
  ])
  .default({ type: 'uniform' });

/** In which order an operation takes objects that it takes once. */
export const order = z
  .enum(['sequential', 'shuffled'])
  .transform((type): AccessPattern => ({ type }))
  .default({ type: 'sequential' });
