import type { BarrierInput, BarrierSyncInput, StageInput } from './schema/stage.ts';
import type { WorkloadInput } from './schema/workload.ts';
import { type Barrier, COMPLETIONS_OF, type Stage, type StageKind } from './workload/stage.ts';

/** The barrier block in `barrier_sync` that is for stages of a kind. */
const BLOCK_OF = {
  validation: 'validation',
  prepare: 'prepare',
  execute: 'execute',
  hybrid: 'execute',
  custom: 'execute',
  cleanup: 'cleanup',
} as const;

/** What a stage has that ends with its tasks, however long they take. */
const UNLIMITED = {
  durationMs: undefined,
  expectedTasks: undefined,
  command: undefined,
  timeoutMs: undefined,
  optional: false,
};

/** The stages of a file in order; of one that only cleans up, those that do. */
export function stagesOf(input: WorkloadInput): Stage[] {
  const written = input.distributed?.stages;
  const stages = written === undefined ? deriveStages(input) : orderStages(input, written);
  if (input.prepare?.cleanup_only !== true) return stages;
  const only = stages.filter(({ kind }) => kind === 'validation' || kind === 'cleanup');
  if (only.some(({ kind }) => kind === 'cleanup')) return only;
  const barrier = barrierOf('cleanup', input.distributed?.barrier_sync, undefined);
  return [...only, { name: 'cleanup', ...ofKind('cleanup'), barrier }];
}

/** The stages of a run that compares what earlier runs of a file have prepared with what they wrote, and no more. */
export function verifyingStages(input: WorkloadInput): Stage[] {
  const barrier = barrierOf('verify', input.distributed?.barrier_sync, undefined);
  return [
    { name: 'preflight', ...ofKind('validation'), barrier },
    { name: 'verify', ...ofKind('verify'), barrier },
  ];
}

function ofKind(kind: StageKind): typeof UNLIMITED & Pick<Stage, 'kind' | 'completion'> {
  return { kind, completion: COMPLETIONS_OF[kind][0], ...UNLIMITED };
}

/** The stages of a file that has none: preflight, then prepare, execute and cleanup as it needs them. */
function deriveStages(input: WorkloadInput): Stage[] {
  const cleansUp = input.prepare?.cleanup === true || input.prepare?.cleanup_only === true;
  const kinds: (readonly [string, StageKind, boolean])[] = [
    ['preflight', 'validation', true],
    ['prepare', 'prepare', (input.prepare?.ensure_objects.length ?? 0) > 0],
    ['execute', 'execute', input.workload.length > 0 && input.duration > 0],
    ['cleanup', 'cleanup', cleansUp],
  ];
  return kinds
    .filter(([, , wanted]) => wanted)
    .map(([name, kind]) => ({
      name,
      ...ofKind(kind),
      ...(kind === 'execute' ? { durationMs: input.duration } : {}),
      barrier: barrierOf(kind, input.distributed?.barrier_sync, undefined),
    }));
}

/** The stages of a file, by their `order`, or as they stand there when none has one. */
function orderStages(input: WorkloadInput, stages: readonly StageInput[]): Stage[] {
  return stages
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((stage) => ({
      name: stage.name,
      kind: stage.type,
      completion: stage.completion,
      durationMs: durationOf(stage, input.duration),
      expectedTasks: expectedTasksOf(stage),
      command: stage.type === 'custom' ? { program: stage.command, args: stage.args } : undefined,
      timeoutMs: stage.timeout_secs,
      optional: stage.optional,
      barrier: barrierOf(stage.type, input.distributed?.barrier_sync, stage.barrier),
    }));
}

/**
 * How long a stage lasts at most that carries out the mix.
 *
 * @param usualMs where it does not say
 */
export function durationOf(stage: StageInput, usualMs: number): number | undefined {
  if (stage.type === 'execute') return stage.duration ?? usualMs;
  return stage.type === 'hybrid' ? (stage.max_duration ?? usualMs) : undefined;
}

function expectedTasksOf(stage: StageInput): number | undefined {
  if (stage.type === 'hybrid') return stage.expected_tasks;
  return 'expected_objects' in stage ? stage.expected_objects : undefined;
}

/** A stage's own barrier block, else the block of its kind, else the defaults of `barrier_sync`. */
function barrierOf(
  kind: StageKind,
  sync: BarrierSyncInput | undefined,
  own: BarrierInput | undefined,
): Barrier {
  const block = own ?? (kind === 'verify' ? undefined : sync?.[BLOCK_OF[kind]]);
  return {
    type: block?.type ?? 'all_or_nothing',
    heartbeatIntervalMs: block?.heartbeat_interval ?? sync?.default_heartbeat_interval ?? 30_000,
    missedThreshold: block?.missed_threshold ?? sync?.default_missed_threshold ?? 3,
    queryTimeoutMs: block?.query_timeout ?? sync?.default_query_timeout ?? 10_000,
    queryRetries: block?.query_retries ?? sync?.default_query_retries ?? 2,
    agentBarrierTimeoutMs: block?.agent_barrier_timeout ?? 120_000,
  };
}
