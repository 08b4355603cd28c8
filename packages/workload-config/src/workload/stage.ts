/** `verify` is not for files: it is what a run consists of that only compares. */
export const STAGE_KINDS = [
  'validation',
  'prepare',
  'execute',
  'hybrid',
  'custom',
  'verify',
  'cleanup',
] as const;

export type StageKind = (typeof STAGE_KINDS)[number];

/** Whether a stage of a kind carries out the mix of operations. */
export function runsMix(kind: StageKind): boolean {
  return kind === 'execute' || kind === 'hybrid';
}

export const COMPLETIONS = [
  'duration',
  'tasks_done',
  'script_exit',
  'validation_passed',
  'duration_or_tasks',
] as const;

/** What ends a stage. */
export type Completion = (typeof COMPLETIONS)[number];

/** What may end the stages of a kind; first what does where nothing is said. */
export const COMPLETIONS_OF = {
  validation: ['validation_passed'],
  prepare: ['tasks_done', 'duration_or_tasks'],
  execute: ['duration', 'duration_or_tasks'],
  hybrid: ['duration_or_tasks'],
  custom: ['script_exit', 'duration_or_tasks'],
  verify: ['tasks_done'],
  cleanup: ['tasks_done', 'duration_or_tasks'],
} as const satisfies Readonly<Record<StageKind, readonly [Completion, ...Completion[]]>>;

/** What a custom stage runs on every agent; no shell reads it. */
export interface StageCommand {
  /** An absolute path, or a name that is looked for in `PATH`. */
  readonly program: string;
  readonly args: readonly string[];
}

/** One stage of a run. */
export interface Stage {
  readonly name: string;
  readonly kind: StageKind;
  readonly completion: Completion;
  /** How long an execute or hybrid stage lasts at most; undefined for stages that something else ends. */
  readonly durationMs: number | undefined;
  /**
   * How much all agents together are expected to do: objects of a prepare or cleanup stage, operations of a hybrid one,
   * which ends after as many. Undefined where the file does not say.
   */
  readonly expectedTasks: number | undefined;
  /** Of a custom stage. */
  readonly command: StageCommand | undefined;
  /** How long agents may take from its start to its end; undefined: any time. */
  readonly timeoutMs: number | undefined;
  /** Whether the run goes on when it fails. */
  readonly optional: boolean;
  readonly barrier: Barrier;
}

/** When a barrier opens: for all agents, for more than half of them, or for those that are still alive. */
export const BARRIER_TYPES = ['all_or_nothing', 'majority', 'best_effort'] as const;

export type BarrierType = (typeof BARRIER_TYPES)[number];

/** The barrier after a stage, and how the controller tells that agents are alive. */
export interface Barrier {
  readonly type: BarrierType;
  /** How often an agent reports at least. */
  readonly heartbeatIntervalMs: number;
  /** Reports that may be missing in a row before the controller asks. */
  readonly missedThreshold: number;
  /** How long it waits for the answer, and how often it asks again. */
  readonly queryTimeoutMs: number;
  readonly queryRetries: number;
  /** How long an agent waits at the barrier without any sign of the controller. */
  readonly agentBarrierTimeoutMs: number;
}
