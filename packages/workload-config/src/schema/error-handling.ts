import { z } from 'zod';
import { count, pause, positiveDuration } from './scalars.ts';

/** When errors slow a run down or end it, and how failed operations of the workload are tried again. */
export const errorHandling = z.strictObject({
  max_total_errors: count.default(100),
  error_rate_threshold: z.number().min(0, 'must be at least 0').default(5),
  error_rate_window: positiveDuration.default(1000),
  backoff_duration: pause.default(5000),
  retry_on_error: z.boolean().default(false),
  max_retries: count.default(3),
  initial_retry_delay_ms: count.default(100),
  max_retry_delay_ms: count.default(5000),
  retry_backoff_multiplier: z.number().min(1, 'must be at least 1').default(2),
  retry_jitter_factor: z
    .number()
    .min(0, 'must be at least 0')
    .max(1, 'must be at most 1')
    .default(0.25),
});

export type ErrorHandlingInput = z.output<typeof errorHandling>;
