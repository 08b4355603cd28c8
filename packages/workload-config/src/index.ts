export { describeCommand } from './describe-command.ts';
export { matcherOf } from './plan/key-pattern.ts';
export { parseAgentPlan } from './plan/parse-plan.ts';
export { planAgent, storageIsShared } from './plan/plan-agent.ts';
export { locationOf } from './plan/pool-location.ts';
export { storeNeeds } from './plan/plan-needs.ts';
export { planPlaces } from './plan/plan-places.ts';
export { sizeFileReader } from './sizes/size-file-reader.ts';
export { parseWorkload, sizeFilesOf } from './parse-workload.ts';
export { runsMix, STAGE_KINDS } from './workload.ts';
export { DEFAULT_KEEP_ALIVE } from './workload.ts';

export type {
  AccessPlan,
  AgentPlan,
  ErrorHandlingPlan,
  KeySource,
  OperationPlan,
  PoolPlan,
  ReadRangePlan,
  StagePlan,
  S3Plan,
  StorePlan,
} from './plan/agent-plan.ts';
export type { AgentIdentity } from './plan/plan-agent.ts';
export type { StoreNeeds } from './plan/plan-needs.ts';
export type { PlanPlace } from './plan/plan-places.ts';
export type { SizeFileReader } from './sizes/size-file-reader.ts';
export type { SizeFile, SizesOfFile } from './sizes/size-file.ts';
export type {
  AgentEntry,
  Barrier,
  BarrierType,
  Completion,
  CleanupSettings,
  EnsureObjects,
  ErrorHandling,
  KeepAlive,
  MetadataCacheSettings,
  MultiEndpoint,
  PrepareSettings,
  RetrySettings,
  Stage,
  StageCommand,
  StageKind,
  VerifyLevel,
  Workload,
  WorkloadOperation,
} from './workload.ts';
export type { WorkloadOverrides } from './parse-workload.ts';
