import { z } from 'zod';
import { VERIFY_LEVELS } from '../workload/workload.ts';
import { distributed } from './distributed.ts';
import { errorHandling } from './error-handling.ts';
import { multiEndpoint } from './multi-endpoint.ts';
import { operation } from './operation.ts';
import { prepare } from './prepare.ts';
import { s3 } from './s3.ts';
import { concurrency, duration, pause, storeAddress } from './scalars.ts';

/** A whole workload file, as it is written. */
export const workloadSchema = z.strictObject({
  target: storeAddress.optional(),
  duration: duration.default(60_000),
  concurrency: concurrency.default(16),
  drain_timeout: duration.default(10_000),
  fsync: z.boolean().default(false),
  prepare: prepare.optional(),
  workload: z.array(operation).default([]),
  verify: z.enum(VERIFY_LEVELS).default('length'),
  dynamic_put_pool: z.boolean().default(false),
  error_handling: errorHandling.optional(),
  enable_metadata_cache: z.boolean().default(true),
  cache_checkpoint_interval_secs: pause.default(300_000),
  multi_endpoint: multiEndpoint.optional(),
  s3: s3.optional(),
  distributed: distributed.optional(),
});

export type WorkloadInput = z.output<typeof workloadSchema>;
