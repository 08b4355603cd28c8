import type { PlainStageSummary } from '@sai3bench/barrier-protocol';
import type { EndpointRecord, WireRecord } from '@sai3bench/results-dir';
import { LatencyHistogram } from '@sai3bench/stats';
import { durabilityOf, parseStoreUri, type StoreUri } from '@sai3bench/store-uri';
import type { Workload } from '@sai3bench/workload-config';

/** What of a workload says how data is written. */
export type WritingOptions = Pick<Workload, 'fsync' | 's3'>;

type Endpoint = PlainStageSummary['endpoints'][number];

/**
 * What `metadata.json` says of what an agent sent to an endpoint.
 *
 * @param how what the workload says about how data is written
 */
export function endpointRecord(
  agent: string,
  endpoint: Endpoint,
  how: WritingOptions,
): EndpointRecord {
  const { address, bytesRead, bytesWritten, errors, latency, outMs, requests, traffic } = endpoint;
  const uri = parseStoreUri(address);
  const [p50, p99] = percentilesUs(latency, [50, 99]);
  return {
    agent,
    address,
    durability: durabilityOf(uri, how.fsync),
    payload: payloadOf(uri, how),
    requests,
    errors,
    bytes_read: bytesRead,
    bytes_written: bytesWritten,
    p50_us: p50 ?? null,
    p99_us: p99 ?? null,
    out_ms: outMs,
    region: traffic.region === '' ? null : traffic.region,
    wire: traffic.addresses.length === 0 ? null : wireRecord(traffic),
  };
}

function payloadOf({ scheme }: StoreUri, { s3 }: WritingOptions): EndpointRecord['payload'] {
  if (scheme !== 's3') return null;
  return s3?.transport === 'sdk' ? 'sdk' : (s3?.payload ?? 'unsigned');
}

function wireRecord(traffic: Endpoint['traffic']): WireRecord {
  const { addresses, connectTimes, operations, reconnects } = traffic;
  const sum = (pick: (address: (typeof addresses)[number]) => number): number =>
    addresses.reduce((total, address) => total + pick(address), 0);
  const connects = sum((address) => address.connects);
  const [p50, p99, max] = percentilesUs(connectTimes, [50, 99, 100]);
  return {
    requests: sum(({ requests }) => requests),
    bytes_sent: sum(({ bytesSent }) => bytesSent),
    bytes_received: sum(({ bytesReceived }) => bytesReceived),
    connects,
    connect_errors: sum(({ connectErrors }) => connectErrors),
    connect_mean_us: connects === 0 ? null : sum(({ connectNs }) => connectNs) / connects / 1000,
    connect_p50_us: p50 ?? null,
    connect_p99_us: p99 ?? null,
    connect_max_us: max ?? null,
    reconnects,
    operations: operations.map(({ bytesReceived, bytesSent, operation, requests }) => ({
      operation,
      requests,
      bytes_sent: bytesSent,
      bytes_received: bytesReceived,
    })),
    addresses: addresses.map((address) => ({
      address: address.address,
      requests: address.requests,
      failures: address.failures,
      connects: address.connects,
      connect_errors: address.connectErrors,
      bytes_sent: address.bytesSent,
      bytes_received: address.bytesReceived,
    })),
  };
}

/** Of a sparse histogram in ns; nothing when it is empty. */
function percentilesUs(sparse: Uint8Array, wanted: readonly number[]): number[] {
  const histogram = new LatencyHistogram();
  histogram.addSparse(sparse);
  if (histogram.count === 0) return [];
  return histogram.percentilesNs(wanted).map((valueNs) => valueNs / 1000);
}
