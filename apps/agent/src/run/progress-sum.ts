import {
  type PlainStageProgress,
  progressFromWire,
  progressToWire,
  type RunResponse,
} from '@sai3bench/barrier-protocol';
import { OperationStats } from '@sai3bench/stats';

/** A report of the progress of a stage, as it goes to the controller. */
export type StageProgressMessage = Extract<
  RunResponse['event'],
  { case: 'stageProgress' }
>['value'];

type EndpointProgress = PlainStageProgress['endpoints'][number];

/** Two reports that follow each other, of one stage, as one: nothing of them is lost but when it happened. */
export function addProgress(
  earlier: StageProgressMessage,
  later: StageProgressMessage,
): StageProgressMessage {
  const [first, second] = [progressFromWire(earlier), progressFromWire(later)];
  const stats = new OperationStats();
  stats.add(first.stats);
  stats.add(second.stats);
  return progressToWire(later.stage, {
    ...second,
    stats: stats.toDelta(),
    endpoints: addEndpoints(first.endpoints, second.endpoints),
  });
}

function addEndpoints(
  earlier: readonly EndpointProgress[],
  later: readonly EndpointProgress[],
): EndpointProgress[] {
  const sums = new Map(earlier.map((progress) => [progress.endpoint, progress]));
  for (const progress of later) {
    const before = sums.get(progress.endpoint);
    sums.set(progress.endpoint, before === undefined ? progress : addEndpoint(before, progress));
  }
  return [...sums.values()];
}

function addEndpoint(earlier: EndpointProgress, later: EndpointProgress): EndpointProgress {
  return {
    ...later,
    requests: earlier.requests + later.requests,
    errors: earlier.errors + later.errors,
    bytesRead: earlier.bytesRead + later.bytesRead,
    bytesWritten: earlier.bytesWritten + later.bytesWritten,
    latencySumNs: earlier.latencySumNs + later.latencySumNs,
  };
}

/** The sum of the reports of the current stage that the controller has acknowledged: what a new controller begins with. */
export class AcknowledgedProgress {
  #sum: StageProgressMessage | undefined;

  add(event: RunResponse['event']): void {
    if (event.case !== 'stageProgress') return;
    const before = this.#sum;
    const isSameStage = before?.stage === event.value.stage;
    this.#sum =
      before !== undefined && isSameStage ? addProgress(before, event.value) : event.value;
  }

  /** Of a stage; undefined when nothing of it was acknowledged. */
  of(stage: number): StageProgressMessage | undefined {
    return this.#sum?.stage === stage ? this.#sum : undefined;
  }
}
