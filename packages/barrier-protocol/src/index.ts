export { DEFAULT_AGENT_PORT, isLoopbackHost } from './agent-address.ts';
export { decideBarrier } from './barrier.ts';
export { BarrierState } from './barrier-state.ts';
export {
  FORWARDED_VARIABLES,
  forwardedEndpoint,
  mayForward,
  SECRET_VARIABLES,
} from './credentials.ts';
export { ClockTracker, DRIFT_ALLOWANCE_PPM } from './clock-tracker.ts';
export {
  AgentService,
  ErrorDetailSchema,
  RunRequestSchema,
  RunResponseSchema,
} from './gen/sai3bench/agent/v1/agent_pb.ts';
export { judgeLiveness } from './liveness.ts';
export { PROTOCOL_VERSION } from './protocol-version.ts';
export { Outbox } from './outbox.ts';
export { PushQueue } from './push-queue.ts';
export { RUN_TABLE, runTransition } from './run-state.ts';
export { errorFromWire, errorToWire } from './wire/error.ts';
export {
  statsFromBytes,
  statsToBytes,
  summaryFromBytes,
  summaryToBytes,
} from './wire/journal-bytes.ts';
export { logFromWire, logToWire } from './wire/log-record.ts';
export {
  conditionFromWire,
  conditionToWire,
  knowledgeFromWire,
  knowledgeToWire,
} from './wire/pool-knowledge.ts';
export {
  preflightAnswerFromWire,
  preflightAnswerToWire,
  preflightFromWire,
  preflightToWire,
} from './wire/preflight.ts';
export { progressFromWire, progressToWire } from './wire/stage-progress.ts';
export { summaryFromWire, summaryToWire } from './wire/stage-summary.ts';

export type {
  BarrierDecision,
  BarrierFacts,
  BarrierRule,
  BarrierType,
  MemberStatus,
} from './barrier.ts';
export type { ClockOffset, ClockReading } from './clock-tracker.ts';
export type {
  GetInfoResponse,
  GetRunResponse,
  PreflightRequest,
  PreflightResponse,
  RunRequest,
  RunResponse,
} from './gen/sai3bench/agent/v1/agent_pb.ts';
export type { LivenessFacts, LivenessRule, LivenessVerdict } from './liveness.ts';
export type { RunEffect, RunInput, RunState, RunTransition } from './run-state.ts';
export type { OutboxOptions } from './outbox.ts';
export type { PlainFinding } from './wire/finding.ts';
export type { PlainLogRecord } from './wire/log-record.ts';
export type {
  PlainKnownRange,
  PlainPoolCondition,
  PlainPoolKnowledge,
} from './wire/pool-knowledge.ts';
export type {
  PlainPreflight,
  PlainPreflightAnswer,
  PlainSharing,
  PlainSight,
} from './wire/preflight.ts';
export type { PlainEndpointProgress, PlainStageProgress } from './wire/stage-progress.ts';
export type { PlainErrorGroup, PlainStageSummary } from './wire/stage-summary.ts';
