import {
  conditionFromWire,
  errorFromWire,
  knowledgeFromWire,
  logFromWire,
  type PlainLogRecord,
  type PlainPoolCondition,
  type PlainPoolKnowledge,
  type PlainStageProgress,
  type PlainStageSummary,
  progressFromWire,
  type RunResponse,
  summaryFromWire,
} from '@sai3bench/barrier-protocol';
import type { ErrorRecord } from '@sai3bench/errors';
import type { ToldStates } from '../dataset/state-exchange.ts';
import type { WorkProgress } from '../stage/shared-work.ts';
import type { ObjectsFound } from '../stage/stage-loading.ts';

/** What an agent says, decoded. */
export type AgentEvent =
  | {
      readonly type: 'ready';
      readonly environment: object;
      readonly knowledge: readonly PlainPoolKnowledge[];
    }
  | { readonly type: 'heartbeat' }
  | {
      readonly type: 'runEnded';
      /** What a controller has said when it ended the run before its time; empty otherwise. */
      readonly reason: string;
    }
  | { readonly type: 'states'; readonly told: ToldStates }
  | { readonly type: 'statesTaken'; readonly request: number }
  | { readonly type: 'stageLoading'; readonly loading: WorkProgress }
  | { readonly type: 'tidyingUp'; readonly progress: WorkProgress }
  | {
      readonly type: 'stageLoaded';
      readonly stage: number;
      readonly found: ObjectsFound;
      readonly parts: readonly PlainPoolCondition[];
    }
  | {
      readonly type: 'stageProgress';
      readonly stage: number;
      readonly progress: PlainStageProgress;
    }
  | { readonly type: 'stageSummary'; readonly stage: number; readonly summary: PlainStageSummary }
  | { readonly type: 'log'; readonly record: PlainLogRecord }
  | { readonly type: 'runFailed'; readonly error: ErrorRecord };

/**
 * Decodes what an agent says. Histograms stay as they were sent: they are decoded when they are added.
 *
 * @throws BenchError when it makes no sense
 */
export function decodeEvent({ event }: RunResponse): AgentEvent {
  switch (event.case) {
    case 'ready':
      return {
        type: 'ready',
        environment: parseEnvironment(event.value.environmentJson),
        knowledge: event.value.pools.map(knowledgeFromWire),
      };
    case 'states': {
      const { doubtful, madeSince, request, states } = event.value;
      return { type: 'states', told: { request, states, doubtful, madeSince } };
    }
    case 'statesTaken':
      return { type: 'statesTaken', request: event.value.request };
    case 'stageLoading':
      return { type: 'stageLoading', loading: workFromWire(event.value) };
    case 'tidyingUp':
      return { type: 'tidyingUp', progress: workFromWire(event.value) };
    case 'stageLoaded':
      return {
        ...{ type: 'stageLoaded', stage: event.value.stage },
        found: {
          existing: Number(event.value.objectsExisting),
          missing: Number(event.value.objectsMissing),
        },
        parts: event.value.pools.map(conditionFromWire),
      };
    case 'stageProgress':
      return {
        ...{ type: 'stageProgress', stage: event.value.stage },
        progress: progressFromWire(event.value),
      };
    case 'stageSummary':
      return {
        ...{ type: 'stageSummary', stage: event.value.stage },
        summary: summaryFromWire(event.value),
      };
    case 'logRecord':
      return { type: 'log', record: logFromWire(event.value) };
    case 'runFailed':
      return event.value.error === undefined
        ? { type: 'heartbeat' }
        : { type: 'runFailed', error: errorFromWire(event.value.error) };
    case 'runEnded':
      return { type: 'runEnded', reason: event.value.reason };
    case 'heartbeat':
    case 'attached':
    case undefined:
      // An event of a later version shows at least that the agent is alive.
      return { type: 'heartbeat' };
  }
}

function workFromWire(work: { what: string; done: bigint; total: bigint }): WorkProgress {
  return { what: work.what, done: Number(work.done), total: Number(work.total) };
}

/** An agent's record of its environment; kept as text when it is not what it should be. */
function parseEnvironment(json: string): object {
  try {
    return JSON.parse(json) as object;
  } catch {
    return { environment: json };
  }
}
