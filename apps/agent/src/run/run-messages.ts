import {
  conditionToWire,
  errorToWire,
  knowledgeToWire,
  progressToWire,
  type RunRequest,
  type RunResponse,
  type RunState,
} from '@sai3bench/barrier-protocol';
import { type BenchError, toErrorRecord } from '@sai3bench/errors';
import type { HostCommand, HostEvent, PoolKnowledge } from '@sai3bench/workload-engine';
import type { StageProgressMessage } from './progress-sum.ts';

/** What a run says to its controller. */
export type RunMessage = RunResponse['event'];

/** What the controller tells in a command. */
export type CommandOf<Case extends RunRequest['command']['case']> = Extract<
  RunRequest['command'],
  { case: Case }
>['value'];

export const HEARTBEAT: RunMessage = {
  case: 'heartbeat',
  value: { $typeName: 'sai3bench.agent.v1.Heartbeat' },
};

/** @param reason why the controller has ended the run before its time; empty otherwise */
export function endedMessage(reason: string): RunMessage {
  return { case: 'runEnded', value: { $typeName: 'sai3bench.agent.v1.RunEnded', reason } };
}

/** @param acknowledged the sum of what was acknowledged of the stage, for a controller that takes over */
export function attachedMessage(
  state: RunState,
  stage: number,
  acknowledged: StageProgressMessage | undefined,
): RunMessage {
  return {
    case: 'attached',
    value: {
      $typeName: 'sai3bench.agent.v1.Attached',
      ...{ state, stage },
      ...(acknowledged === undefined ? {} : { acknowledged }),
    },
  };
}

/** What the process that does the I/O has found. */
export type LoadedStage = Pick<
  Extract<HostEvent, { type: 'stage-loaded' }>,
  'existing' | 'missing' | 'pools'
>;

/** @param environment what results tell of this host */
export function readyMessage(environment: object, pools: readonly PoolKnowledge[]): RunMessage {
  return {
    case: 'ready',
    value: {
      $typeName: 'sai3bench.agent.v1.RunReady',
      environmentJson: JSON.stringify(environment),
      pools: pools.map(knowledgeToWire),
    },
  };
}

export function loadedMessage(stage: number, loaded: LoadedStage): RunMessage {
  return {
    case: 'stageLoaded',
    value: {
      $typeName: 'sai3bench.agent.v1.StageLoaded',
      stage,
      objectsExisting: BigInt(loaded.existing),
      objectsMissing: BigInt(loaded.missing),
      pools: loaded.pools.map(conditionToWire),
    },
  };
}

export function failedMessage(error: BenchError): RunMessage {
  return {
    case: 'runFailed',
    value: {
      $typeName: 'sai3bench.agent.v1.RunFailed',
      error: errorToWire(toErrorRecord(error)),
    },
  };
}

/** What the process that does the I/O tells the controller, by way of the agent. */
export type ForwardedEvent = Extract<
  HostEvent,
  { type: 'states' | 'states-taken' | 'stage-loading' | 'tidying-up' | 'progress' }
>;

export function forwardedMessage(event: ForwardedEvent): RunMessage {
  switch (event.type) {
    case 'states':
      return {
        case: 'states',
        value: {
          $typeName: 'sai3bench.agent.v1.States',
          request: event.request,
          states: event.states,
          doubtful: [...event.doubtful],
          madeSince: event.madeSince ?? '',
        },
      };
    case 'states-taken':
      return {
        case: 'statesTaken',
        value: { $typeName: 'sai3bench.agent.v1.StatesTaken', request: event.request },
      };
    case 'stage-loading':
      return {
        case: 'stageLoading',
        value: {
          $typeName: 'sai3bench.agent.v1.StageLoading',
          stage: event.stage,
          what: event.what,
          done: BigInt(event.done),
          total: BigInt(event.total),
        },
      };
    case 'tidying-up':
      return {
        case: 'tidyingUp',
        value: {
          $typeName: 'sai3bench.agent.v1.TidyingUp',
          what: event.what,
          done: BigInt(event.done),
          total: BigInt(event.total),
        },
      };
    case 'progress':
      return { case: 'stageProgress', value: progressToWire(event.stage, event.progress) };
  }
}

/** How the process that does the I/O is told to load a stage. */
export function loadCommand(
  load: Pick<CommandOf<'loadStage'>, 'stage' | 'startOver' | 'goOnWith'>,
): HostCommand {
  const { goOnWith, stage, startOver } = load;
  return { type: 'load-stage', stage, startOver, goOnWith };
}

/** What the controller wants to know of objects, as the process that does the I/O is asked. */
export function statesWanted({
  begin,
  end,
  identity,
  request,
}: CommandOf<'sendStates'>): HostCommand {
  return { type: 'send-states', request, identity, begin: Number(begin), end: Number(end) };
}

/** What the controller knows of objects from another agent, as the process that does the I/O is told. */
export function statesGiven(given: CommandOf<'takeStates'>): HostCommand {
  const { begin, doubtful, end, generation, identity, madeSince, request, sequence, states } =
    given;
  return {
    type: 'take-states',
    request,
    identity,
    range: {
      begin: Number(begin),
      end: Number(end),
      generation: Number(generation),
      sequence: Number(sequence),
    },
    states,
    doubtful,
    madeSince: madeSince === '' ? undefined : madeSince,
  };
}
