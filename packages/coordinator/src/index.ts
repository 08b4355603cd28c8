export {
  DEFAULT_AGENT_PORT,
  expandAddresses,
  isLoopbackAddress,
  withPort,
} from './roster/address-list.ts';
export { resolveRoster } from './roster/roster.ts';
export { AgentLink } from './run/agent-link.ts';
export { RunCoordinator } from './run/run-coordinator.ts';
export { configHash, dataSeedOf, newRunId } from './run/run-identity.ts';
export { exitCodeOf } from './run/run-outcome.ts';
export { StopSignal } from './run/stop-signal.ts';

export type { Roster, RosterEntry, RosterOptions } from './roster/roster.ts';
export type { AgentClient, AgentConnection } from './run/agent-link.ts';
export type { RunOptions } from './run/run-coordinator.ts';
export type { ConnectedAgent, EndedStage, RunObserver, StageView } from './run/run-observer.ts';
export type { RunFailure, RunOutcome, RunOutcomeKind } from './run/run-outcome.ts';
export type { StopReason } from './run/stop-signal.ts';
