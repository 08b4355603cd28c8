import type { PlainStageSummary } from '@sai3bench/barrier-protocol';
import type { EndpointRecord } from '@sai3bench/results-dir';
import { LatencyHistogram } from '@sai3bench/stats';
import { durabilityOf, parseStoreUri } from '@sai3bench/store-uri';

/**
 * What `metadata.json` says of what an agent sent to an endpoint.
 *
 * @param fsync whether files were flushed before a PUT ended
 */
export function endpointRecord(
  agent: string,
  endpoint: PlainStageSummary['endpoints'][number],
  fsync: boolean,
): EndpointRecord {
  const { address, bytesRead, bytesWritten, errors, latency, outMs, requests } = endpoint;
  const histogram = new LatencyHistogram();
  histogram.addSparse(latency);
  const [p50Ns = 0, p99Ns = 0] = histogram.percentilesNs([50, 99]);
  const microseconds = (valueNs: number): number | null =>
    histogram.count === 0 ? null : valueNs / 1000;
  return {
    agent,
    address,
    durability: durabilityOf(parseStoreUri(address), fsync),
    requests,
    errors,
    bytes_read: bytesRead,
    bytes_written: bytesWritten,
    p50_us: microseconds(p50Ns),
    p99_us: microseconds(p99Ns),
    out_ms: outMs,
  };
}
