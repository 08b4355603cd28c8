import { create, toBinary } from '@bufbuild/protobuf';
import { type RunResponse, RunResponseSchema } from '@sai3bench/barrier-protocol';
import { addProgress } from './progress-sum.ts';

/** How much memory an event takes, about: its length on the wire. */
export function eventSizeBytes(event: RunResponse): number {
  return toBinary(RunResponseSchema, event).length;
}

/**
 * Two events that follow each other as one, with the number of the later: reports of one stage are added up, and of
 * lines of the log the later is kept, which the agent's own log has all of. Undefined of all others.
 */
export function mergeEvents(earlier: RunResponse, later: RunResponse): RunResponse | undefined {
  const [first, second] = [earlier.event, later.event];
  if (first.case === 'stageProgress' && second.case === 'stageProgress') {
    if (first.value.stage !== second.value.stage) return undefined;
    return eventOf(later, { case: 'stageProgress', value: addProgress(first.value, second.value) });
  }
  if (first.case !== 'logRecord' || second.case !== 'logRecord') return undefined;
  const leftOut = first.value.leftOut + second.value.leftOut + 1;
  return eventOf(later, { case: 'logRecord', value: { ...second.value, leftOut } });
}

function eventOf({ sequence }: RunResponse, event: RunResponse['event']): RunResponse {
  return create(RunResponseSchema, { sequence, event });
}
