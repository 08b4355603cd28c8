import { z } from 'zod';
import { BARRIER_TYPES } from '../workload.ts';
import { count, positiveCount, positiveDuration, text, waitingTime } from './scalars.ts';

/** When a barrier opens, and how the controller tells that an agent is alive. */
export const barrier = z.strictObject({
  type: z.enum(BARRIER_TYPES),
  heartbeat_interval: waitingTime.default(30_000),
  missed_threshold: positiveCount.default(3),
  query_timeout: waitingTime.default(10_000),
  query_retries: count.default(2),
  agent_barrier_timeout: waitingTime.default(120_000),
});

/** Whether agents wait for each other after a stage. They always do, so there is nothing to switch. */
const enabled = z
  .boolean()
  .refine(
    (value) => value,
    'cannot be false yet: agents always wait for each other after a stage; remove it, or write true',
  )
  .optional();

/** Barrier settings of all stages, and of each kind. */
export const barrierSync = z.strictObject({
  enabled,
  default_heartbeat_interval: waitingTime.default(30_000),
  default_missed_threshold: positiveCount.default(3),
  default_query_timeout: waitingTime.default(10_000),
  default_query_retries: count.default(2),
  validation: barrier.optional(),
  prepare: barrier.optional(),
  execute: barrier.optional(),
  cleanup: barrier.optional(),
});

const name = text
  .max(64, 'must not be longer than 64 characters')
  .regex(/^[\w.-]+$/, 'may contain letters, digits, _ . and -: it becomes part of a file name');
const common = {
  name,
  order: count.optional(),
  barrier: barrier.optional(),
  timeout_secs: waitingTime.optional(),
  optional: z.boolean().default(false),
};

/** One stage of a run. */
export const stage = z.discriminatedUnion('type', [
  z.strictObject({
    ...common,
    type: z.literal('validation'),
    completion: z.enum(['validation_passed']).default('validation_passed'),
  }),
  z.strictObject({
    ...common,
    type: z.literal('prepare'),
    completion: z.enum(['tasks_done']).default('tasks_done'),
  }),
  z.strictObject({
    ...common,
    type: z.literal('execute'),
    completion: z.enum(['duration']).default('duration'),
    duration: positiveDuration.optional(),
  }),
  z.strictObject({
    ...common,
    type: z.literal('cleanup'),
    completion: z.enum(['tasks_done']).default('tasks_done'),
  }),
]);

export type BarrierInput = z.output<typeof barrier>;
export type BarrierSyncInput = z.output<typeof barrierSync>;
export type StageInput = z.output<typeof stage>;
