export { matcherOf } from './plan/key-pattern.ts';
export { parseAgentPlan } from './plan/parse-plan.ts';
export { planAgent, storageIsShared } from './plan/plan-agent.ts';
export { storeNeeds } from './plan/plan-needs.ts';
export { parseWorkload } from './parse-workload.ts';
export { STAGE_KINDS } from './workload.ts';

export type {
  AgentPlan,
  KeySource,
  OperationPlan,
  PoolPlan,
  StagePlan,
  S3Plan,
  StorePlan,
} from './plan/agent-plan.ts';
export type { AgentIdentity } from './plan/plan-agent.ts';
export type { StoreNeeds } from './plan/plan-needs.ts';
export type {
  AgentEntry,
  Barrier,
  EnsureObjects,
  MultiEndpoint,
  Stage,
  StageKind,
  Workload,
  WorkloadOperation,
} from './workload.ts';
