/**
 * What those need who carry a plan out. It loads neither the parser of workload files nor the schemas, which are half of what
 * a thread would have to read before it can do anything.
 */
export { matcherOf } from './key-pattern.ts';
export { storeNeeds } from './plan-needs.ts';
export { planPlaces } from './plan-places.ts';
export { locationOf, seedAt } from './pool-location.ts';
export { runsMix } from '../workload/stage.ts';

export type {
  AccessPlan,
  AgentPlan,
  ErrorHandlingPlan,
  KeySource,
  OperationPlan,
  PoolPlan,
  ReadRangePlan,
  S3Plan,
  StagePlan,
  StorePlan,
} from './agent-plan.ts';
export type { StoreNeeds } from './plan-needs.ts';
export type { PlanPlace } from './plan-places.ts';
export type { StageKind } from '../workload/stage.ts';
