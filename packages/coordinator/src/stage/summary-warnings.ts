import type { PlainStageSummary } from '@sai3bench/barrier-protocol';
import { fromErrorRecord, summarizeError } from '@sai3bench/errors';
import { formatCount, formatDurationMs } from '@sai3bench/units';

/** Endpoints that are named; there may be a thousand. */
const SHOWN_ENDPOINTS = 3;

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

/** Endpoints that circuit breakers kept out of a stage, the longest first; the console told of them as it happened. */
export function outWarningsOf({ endpoints }: Pick<PlainStageSummary, 'endpoints'>): string[] {
  const out = endpoints.filter(({ outMs }) => outMs > 0).toSorted((a, b) => b.outMs - a.outMs);
  const others = out.length - SHOWN_ENDPOINTS;
  return [
    ...out
      .slice(0, SHOWN_ENDPOINTS)
      .map(
        ({ address, errors, outMs }) =>
          `${address} failed (${formatCount(errors)} errors): its circuit breaker kept it out for ${formatDurationMs(Math.round(outMs))}`,
      ),
    ...(others > 0 ? [`so did ${formatCount(others)} other endpoints: see out_ms`] : []),
  ];
}
