import type { AgentPlan } from '@sai3bench/workload-config/plan';
import type { RunMemory } from '../memory/run-memory.ts';
import type { DatasetLimits } from './dataset-limits.ts';
import type { Notify } from './notify.ts';

/** What the datasets of a run need to know of it. */
export interface RunDatasetOptions {
  readonly plan: AgentPlan;
  readonly memory: RunMemory;
  /** All agents of the run. */
  readonly agentIds: readonly string[];
  /** In ms since 1970, on the controller's clock. */
  readonly startedAtMs: number;
  readonly notify: Notify;
  /** Stops what is under way, because the run is. */
  readonly stopping: AbortSignal;
  readonly limits?: DatasetLimits;
}
