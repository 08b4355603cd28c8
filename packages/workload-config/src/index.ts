export { describeCommand } from './describe-command.ts';
export { parseAgentPlan } from './plan/parse-plan.ts';
export { planAgent, storageIsShared } from './plan/plan-agent.ts';
export { storeNeeds } from './plan/plan-needs.ts';
export { sizeFileReader } from './sizes/size-file-reader.ts';
export { parseWorkload, sizeFilesOf } from './parse-workload.ts';
export { runsMix, STAGE_KINDS } from './workload/stage.ts';
export { DEFAULT_KEEP_ALIVE } from './workload/workload.ts';

export type { AgentPlan, PoolPlan, StagePlan, S3Plan, StorePlan } from './plan/agent-plan.ts';
export type { AgentIdentity } from './plan/plan-agent.ts';
export type { SizeFileReader } from './sizes/size-file-reader.ts';
export type { SizeFile, SizesOfFile } from './sizes/size-file.ts';
export type { WorkloadOperation } from './workload/operation.ts';
export type { EnsureObjects, PrepareSettings } from './workload/prepare.ts';
export type {
  Barrier,
  BarrierType,
  Completion,
  Stage,
  StageCommand,
  StageKind,
} from './workload/stage.ts';
export type {
  AgentEntry,
  CleanupSettings,
  ErrorHandling,
  KeepAlive,
  MetadataCacheSettings,
  MultiEndpoint,
  RetrySettings,
  VerifyLevel,
  Workload,
} from './workload/workload.ts';
export type { WorkloadOverrides } from './parse-workload.ts';
