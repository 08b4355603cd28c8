import type { PlainStageSummary } from '@sai3bench/barrier-protocol';
import { fromErrorRecord, summarizeError } from '@sai3bench/errors';

/** What is to be known of a stage that was completed all the same. */
export function warningsOf({ endpoints, failure, stuckWorkers }: PlainStageSummary): string[] {
  return [
    ...(failure === undefined ? [] : [summarizeError(fromErrorRecord(failure))]),
    ...(stuckWorkers === 0
      ? []
      : [
          `${String(stuckWorkers)} worker threads hang in a system call: the storage does not answer`,
        ]),
    ...endpoints
      .filter(({ traffic }) => traffic.regionAdopted)
      .map(
        ({ address, traffic: { region } }) =>
          `${address}: the server says that the bucket is in region ${region}, so requests are signed for it: set s3.region to save the detour`,
      ),
  ];
}
