import { Code, ConnectError } from '@connectrpc/connect';
import {
  conditionToWire,
  ErrorDetailSchema,
  errorToWire,
  knowledgeToWire,
  progressToWire,
  type RunResponse,
  type RunState,
  summaryToWire,
} from '@sai3bench/barrier-protocol';
import { BenchError, toErrorRecord } from '@sai3bench/errors';
import type { FakeBehavior } from './fake-behavior.ts';
import { progressOf, summaryOf } from './sample-reports.ts';

/** What a fake agent says. */
export type FakeMessage = RunResponse['event'];

/** @param reason what a controller has said when it ended the run before its time */
export function endedMessage(reason: string): FakeMessage {
  return { case: 'runEnded', value: { $typeName: 'sai3bench.agent.v1.RunEnded', reason } };
}

export function readyMessage({ knowledge = [] }: FakeBehavior): FakeMessage {
  return {
    case: 'ready',
    value: {
      $typeName: 'sai3bench.agent.v1.RunReady',
      pools: knowledge.map(knowledgeToWire),
      environmentJson: '{"kernel":"fake"}',
    },
  };
}

export function loadedMessage(
  stage: number,
  { conditions = [], objects = { existing: 0, missing: 0 } }: FakeBehavior,
): FakeMessage {
  return {
    case: 'stageLoaded',
    value: {
      $typeName: 'sai3bench.agent.v1.StageLoaded',
      stage,
      objectsExisting: BigInt(objects.existing),
      objectsMissing: BigInt(objects.missing),
      pools: conditions.map(conditionToWire),
    },
  };
}

/** `count` PUTs in one interval. */
export function progressMessage(stage: number, interval: number, count: number): FakeMessage {
  return { case: 'stageProgress', value: progressToWire(stage, progressOf(interval, count)) };
}

export function summaryMessage(stage: number, ...args: Parameters<typeof summaryOf>): FakeMessage {
  return { case: 'stageSummary', value: summaryToWire(stage, summaryOf(...args)) };
}

/** A final report whose histograms are none. */
export function nonsenseMessage(stage: number): FakeMessage {
  const value = summaryToWire(stage, summaryOf(1, 1));
  for (const slot of value.stats?.slots ?? []) slot.latency = Uint8Array.of(255, 255, 255, 255);
  return { case: 'stageSummary', value };
}

export function tidyingUpMessage(what: string, done: number, total: number): FakeMessage {
  return {
    case: 'tidyingUp',
    value: {
      $typeName: 'sai3bench.agent.v1.TidyingUp',
      ...{ what, done: BigInt(done), total: BigInt(total) },
    },
  };
}

export function failedMessage(error: BenchError): FakeMessage {
  return {
    case: 'runFailed',
    value: {
      $typeName: 'sai3bench.agent.v1.RunFailed',
      error: errorToWire(toErrorRecord(error)),
    },
  };
}

export function statesMessage(
  request: number,
  { doubtful = [], madeSince = '', states = new Uint8Array() }: FakeBehavior,
): FakeMessage {
  return {
    case: 'states',
    value: { $typeName: 'sai3bench.agent.v1.States', request, states, doubtful, madeSince },
  };
}

export function statesTakenMessage(request: number): FakeMessage {
  return {
    case: 'statesTaken',
    value: { $typeName: 'sai3bench.agent.v1.StatesTaken', request },
  };
}

/** @param acknowledged what of the stage another controller had, if there was one */
export function attachedMessage(
  state: RunState,
  stage: number,
  acknowledged: ReturnType<typeof progressToWire> | undefined,
): FakeMessage {
  return {
    case: 'attached',
    value: {
      $typeName: 'sai3bench.agent.v1.Attached',
      ...{ state, stage },
      ...(acknowledged === undefined ? {} : { acknowledged }),
    },
  };
}

/** How an agent refuses a run because it has another. */
export function busyRefusal(runId: string): ConnectError {
  return refusal(`busy with run ${runId}`, 'AGENT_BUSY');
}

/** How an agent refuses who attaches to a run that another controller leads. */
export function ledRefusal(): ConnectError {
  return refusal('the run is driven by another controller', 'RUN_DRIVEN');
}

function refusal(message: string, code: string): ConnectError {
  const why = new BenchError(message, {
    code,
    class: 'resource',
    hint: 'wait until that run has ended',
  });
  const detail = { desc: ErrorDetailSchema, value: errorToWire(toErrorRecord(why)) };
  return new ConnectError(message, Code.ResourceExhausted, undefined, [detail]);
}
