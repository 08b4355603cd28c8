export { coordinatePreflight } from './preflight/coordinate-preflight.ts';
export { preflightRows } from './preflight/preflight-rows.ts';
export { expandAddresses, isLoopbackAddress } from './roster/address-list.ts';
export { resolveRoster } from './roster/roster.ts';
export { ownAgentError } from './link/agent-errors.ts';
export { AgentLink } from './link/agent-link.ts';
export { planRun } from './run/plan-run.ts';
export { coordinateRun } from './run/run-coordinator.ts';
export { configHash, DATA_SEED, newRunId } from './run/run-identity.ts';
export { hintsOfUnconfirmed, NOT_CONFIRMED } from './run/unconfirmed-ends.ts';
export { CONTROLLER, exitCodeOf } from './run/run-outcome.ts';
export { confirmEnds, type ConfirmedEnds } from './takeover/confirm-ends.ts';
export { lengthsToKeep, readLeftRun, refuseVersion } from './takeover/left-run.ts';
export { hasControllerError, RunClaim } from './takeover/run-claim.ts';
export { StopSignal } from './run/stop-signal.ts';

export type { FindingsOfAgents } from './preflight/checked-agent.ts';
export type { PreflightOptions } from './preflight/coordinate-preflight.ts';
export type { Roster, RosterEntry, RosterOptions } from './roster/roster.ts';
export type { AgentClient, AgentConnection } from './link/agent-connection.ts';
export type { ForwardedCredentials } from './link/forwarded-credentials.ts';
export type { RunOptions } from './run/run-options.ts';
export type {
  BarrierWait,
  ConnectedAgent,
  EndedStage,
  RunObserver,
  StageView,
  StageWait,
} from './run/run-observer.ts';
export type { EndpointCounts, EndpointView } from './stage/endpoint-tally.ts';
export type { SilentAgent } from './stage/silent-agents.ts';
export { hasTriedOperations } from './run/begun-stage.ts';
export type { BegunStage } from './run/begun-stage.ts';
export type { RunFailure, RunOutcome, RunOutcomeKind } from './run/run-outcome.ts';
export type { WorkProgress } from './stage/shared-work.ts';
export type { ObjectsFound } from './stage/stage-loading.ts';
export type { LeftRun } from './takeover/left-run.ts';
export type { StopReason } from './run/stop-signal.ts';
