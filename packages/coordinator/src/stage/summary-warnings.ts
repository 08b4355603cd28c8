import type { PlainStageSummary } from '@sai3bench/barrier-protocol';
import { fromErrorRecord, summarizeError } from '@sai3bench/errors';
import { formatCount, formatDurationMs } from '@sai3bench/units';
import type { VerifyLevel } from '@sai3bench/workload-config';

/** Endpoints that are named; there may be a thousand. */
const SHOWN_ENDPOINTS = 3;

/**
 * What is to be known of a stage that was completed all the same.
 *
 * @param verify what of GETs was to be compared
 */
export function warningsOf(
  { endpoints, failure, stats, stuckWorkers }: PlainStageSummary,
  verify: VerifyLevel,
): string[] {
  return [
    ...(failure === undefined ? [] : [summarizeError(fromErrorRecord(failure))]),
    ...(stuckWorkers === 0
      ? []
      : [
          `${String(stuckWorkers)} worker threads hang in a system call: the storage does not answer`,
        ]),
    ...verifyWarnings(stats.getChecks, verify),
    ...endpoints
      .filter(({ traffic }) => traffic.regionAdopted)
      .map(
        ({ address, traffic: { region } }) =>
          `${address}: the server says that the bucket is in region ${region}, so requests are signed for it: set s3.region to save the detour`,
      ),
  ];
}

/** That nothing was compared with what had been written though that was asked for: it looks as if all were well. */
function verifyWarnings(
  { content, length, none }: PlainStageSummary['stats']['getChecks'],
  verify: VerifyLevel,
): string[] {
  const gets = content + length + none;
  if (verify === 'length' || gets === 0 || content > 0) return [];
  const reason =
    none === 0
      ? ''
      : `: ${formatCount(none)} of them read objects that are not the dataset's own, so nobody knows what was written`;
  return [
    `verify: ${verify} has compared the content of none of ${formatCount(gets)} GETs${reason}`,
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
