import {
  type GetInfoResponse,
  type PlainFinding,
  PROTOCOL_VERSION,
} from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';
import { formatDurationMs } from '@sai3bench/units';
import type { Stage, StageKind } from '@sai3bench/workload-config';
import type { RosterEntry } from '../roster/roster.ts';

/** What to do when an agent does not run any more. */
export const PROCESS_GONE_HINT =
  'the agent was stopped or killed: see its terminal and the kernel log';

/** Code of what an agent says to a controller when another leads the run. */
export const LED_BY_OTHER = 'RUN_HAS_CONTROLLER';

export function versionError(agent: RosterEntry, info: GetInfoResponse): BenchError {
  return new BenchError(
    `${agent.id} at ${agent.address} (version ${info.version}) speaks protocol ${String(info.protocolVersion)}, this controller speaks ${String(PROTOCOL_VERSION)}`,
    {
      code: 'AGENT_VERSION',
      class: 'config',
      endpoint: agent.address,
      hint: 'install the same version of sai3bench-ctl and sai3bench-agent',
    },
  );
}

export function busyError(agent: RosterEntry, runId: string): BenchError {
  return new BenchError(`${agent.id} at ${agent.address} is busy with run ${runId}`, {
    code: 'AGENT_BUSY',
    class: 'resource',
    endpoint: agent.address,
    hint: 'wait until that run has ended, or use another agent; sai3bench-ctl stop and its results directory end it',
  });
}

/** Two addresses lead to one agent. */
export function sameAgentError(agent: RosterEntry, first: RosterEntry): BenchError {
  return new BenchError(
    `${first.id} at ${first.address} and ${agent.id} at ${agent.address} are the same agent`,
    {
      code: 'AGENT_TWICE',
      class: 'config',
      endpoint: agent.address,
      hint: 'list every agent once; a second one on the same host needs a port of its own',
    },
  );
}

export function findingError(finding: PlainFinding): BenchError {
  return new BenchError(`[${finding.class}] ${finding.message}`, {
    code: 'PREFLIGHT_FAILED',
    class: 'config',
    hint: finding.hint,
    endpoint: finding.target,
  });
}

export function notReadyError(agentId: string, timeoutMs: number): BenchError {
  return new BenchError(`${agentId} was not ready within ${formatDurationMs(timeoutMs)}`, {
    code: 'AGENT_NOT_READY',
    class: 'timeout',
    hint: 'see the terminal of the agent; distributed.agent_ready_timeout allows more time',
  });
}

export function notExchangedError(agentId: string, timeoutMs: number): BenchError {
  return new BenchError(
    `${agentId} had not taken over what other agents know of its objects within ${formatDurationMs(timeoutMs)}`,
    {
      code: 'STATES_NOT_EXCHANGED',
      class: 'timeout',
      hint: 'see the terminal of the agent; distributed.agent_ready_timeout allows more time',
    },
  );
}

export function notFinishedError(
  agentId: string,
  { kind, name }: Pick<Stage, 'kind' | 'name'>,
  timeoutMs: number,
): BenchError {
  const why = kind === 'custom' ? 'its program hangs or is slow' : 'its storage hangs or is slow';
  return new BenchError(
    `${agentId} had not ended stage ${name} within ${formatDurationMs(timeoutMs)}`,
    {
      code: 'STAGE_TIMEOUT',
      class: 'timeout',
      hint: `${why}, or there is more to do than that: the stage's timeout_secs allows more time`,
    },
  );
}

export function notStoppedError(agent: RosterEntry, kind: StageKind | undefined): BenchError {
  return new BenchError(
    `${agent.id} at ${agent.address} did not end the stage when it was told to`,
    {
      code: 'STAGE_NOT_STOPPED',
      class: 'timeout',
      endpoint: agent.address,
      hint: `its ${kind === 'custom' ? 'program' : 'storage'} hangs: see the terminal of the agent`,
    },
  );
}

export function notLoadedError(agentId: string, stage: string, timeoutMs: number): BenchError {
  return new BenchError(
    `${agentId} had not prepared stage ${stage} within ${formatDurationMs(timeoutMs)}`,
    {
      code: 'STAGE_NOT_LOADED',
      class: 'timeout',
      hint: 'its storage hangs, or listing many objects takes longer: distributed.agent_ready_timeout allows more time',
    },
  );
}

export function stageFailedError(stage: string): BenchError {
  return new BenchError(`stage ${stage} failed`, { code: 'STAGE_FAILED', class: 'internal' });
}

/** The controller before this one had started the agent for the run. */
export function ownAgentError(agentId: string): BenchError {
  return new BenchError(`${agentId} was started by the controller of the run, and ended with it`, {
    code: 'AGENT_LOST',
    class: 'resource',
    hint: 'start the run again; agents that are started with sai3bench-agent, and named with --agents, outlive their controller',
  });
}

/** The agent is not there any more on this host. */
export function processGoneError({ address, id }: RosterEntry): BenchError {
  return new BenchError(`the process of ${id} at ${address} has ended`, {
    code: 'AGENT_LOST',
    class: 'resource',
    endpoint: address,
    hint: PROCESS_GONE_HINT,
  });
}

/** The agent left the run by itself and gave no reason. */
export function stoppedError(agent: RosterEntry): BenchError {
  return new BenchError(`${agent.id} at ${agent.address} ended the run by itself`, {
    code: 'AGENT_STOPPED',
    class: 'internal',
    endpoint: agent.address,
    hint: 'somebody stopped the agent: see its terminal',
  });
}

/** The controller before this one has ended the run before its time. */
export function endedBeforeError(reason: string): BenchError {
  return new BenchError(`the controller that led the run before has ended it: ${reason}`, {
    code: 'RUN_ENDED_BEFORE',
    class: 'internal',
    hint: 'see its last words on the screen, or in console.log; then start the run again',
  });
}

export function notEndedError(agent: RosterEntry): BenchError {
  return new BenchError(
    `${agent.id} at ${agent.address} did not tidy up in time after the last stage`,
    {
      code: 'AGENT_NOT_ENDED',
      class: 'timeout',
      endpoint: agent.address,
      hint: 'the results are complete; see the terminal of the agent, its temporary files may be left',
    },
  );
}
