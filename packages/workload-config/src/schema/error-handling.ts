import { z } from 'zod';
import { count, pause, positiveCount, waitingTime } from './scalars.ts';

const LONGEST_DELAY_MS = 86_400_000;

/** Time between attempts, in milliseconds. */
const delayMs = count.refine(
  (value) => value <= LONGEST_DELAY_MS,
  `must not be more than ${String(LONGEST_DELAY_MS)}, which is a day`,
);

/** When errors slow a run down or end it, and how failed operations of the workload are tried again. */
export const errorHandling = z.strictObject({
  max_total_errors: count.default(100),
  max_consecutive_errors: positiveCount.optional(),
  error_rate_threshold: z.number().min(0, 'must be at least 0').default(5),
  error_rate_window: waitingTime.default(1000),
  backoff_duration: pause.default(5000),
  retry_on_error: z.boolean().default(false),
  max_retries: count.default(3),
  initial_retry_delay_ms: delayMs.default(100),
  max_retry_delay_ms: delayMs.default(5000),
  retry_backoff_multiplier: z.number().min(1, 'must be at least 1').default(2),
  retry_jitter_factor: z
    .number()
    .min(0, 'must be at least 0')
    .max(1, 'must be at most 1')
    .default(0.25),
});

export type ErrorHandlingInput = z.output<typeof errorHandling>;
