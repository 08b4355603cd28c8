import { z } from 'zod';
import { BARRIER_TYPES, COMPLETIONS, COMPLETIONS_OF } from '../workload/stage.ts';
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

const argument = z
  .string()
  .refine((value) => !value.includes('\0'), 'must not contain a NUL character');

/** What a custom stage runs: no shell reads it, and it has a directory of its own to work in. */
const program = text
  .refine((value) => !value.includes('\0'), 'must not contain a NUL character')
  .refine(
    (value) => value.startsWith('/') || !value.includes('/'),
    'must be an absolute path, or a name that is looked for in PATH: it runs in a directory of its own',
  )
  .refine(
    (value) => value.startsWith('/') || !/\s/.test(value),
    'must be the program alone, because no shell reads it: write its arguments in args, or use sh with args: ["-c", "..."]',
  );

/** One stage of a run. */
export const stage = z.discriminatedUnion('type', [
  z.strictObject({
    ...common,
    type: z.literal('validation'),
    completion: completionOf('validation'),
  }),
  z.strictObject({
    ...common,
    type: z.literal('prepare'),
    completion: completionOf('prepare'),
    expected_objects: count.optional(),
  }),
  z.strictObject({
    ...common,
    type: z.literal('execute'),
    completion: completionOf('execute'),
    duration: positiveDuration.optional(),
  }),
  z.strictObject({
    ...common,
    type: z.literal('hybrid'),
    completion: completionOf('hybrid'),
    max_duration: positiveDuration.optional(),
    expected_tasks: positiveCount.optional(),
  }),
  z.strictObject({
    ...common,
    type: z.literal('custom'),
    completion: completionOf('custom'),
    command: program,
    args: z.array(argument).default([]),
  }),
  z.strictObject({
    ...common,
    type: z.literal('cleanup'),
    completion: completionOf('cleanup'),
    expected_objects: count.optional(),
  }),
]);

/** What may end a stage of a type; its own default where a file does not say. */
function completionOf(type: keyof typeof COMPLETIONS_OF) {
  const [usual, ...others] = COMPLETIONS_OF[type];
  const allowed: readonly string[] = [usual, ...others];
  return z
    .enum(COMPLETIONS)
    .refine(
      (completion) => allowed.includes(completion),
      `does not fit a ${type} stage: it can only be ${allowed.join(' or ')}`,
    )
    .default(usual);
}

export type BarrierInput = z.output<typeof barrier>;
export type BarrierSyncInput = z.output<typeof barrierSync>;
export type StageInput = z.output<typeof stage>;
