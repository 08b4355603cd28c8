import { describe, expect, it } from '@jest/globals';
import { LatencyHistogram } from '@sai3bench/stats';
import { parseWorkload } from '@sai3bench/workload-config';
import { NO_TRAFFIC } from '../testing/sample-reports.ts';
import { endpointRecord } from './endpoint-record.ts';

const ENDPOINT = {
  address: 's3://10.0.0.1/bucket/',
  requests: 10,
  errors: 1,
  bytesRead: 100,
  bytesWritten: 200,
  outMs: 0,
  latency: new Uint8Array(),
  traffic: NO_TRAFFIC,
};

const HOW = { fsync: false, s3: undefined };

const ADDRESS = {
  address: '10.0.0.1',
  requests: 6,
  failures: 1,
  connects: 1,
  connectErrors: 2,
  connectNs: 1_000_000,
  bytesSent: 1000,
  bytesReceived: 2000,
};

describe('the record of an endpoint', () => {
  it('has no traffic and no latencies where none were counted', () => {
    const record = endpointRecord('agent-1', { ...ENDPOINT, address: 'file:///mnt/x/' }, HOW);
    expect(record).toMatchObject({ wire: null, region: null, p50_us: null, p99_us: null });
  });

  it.each([
    ['file:///mnt/x/', '', null],
    ['s3://b/', '', 'unsigned'],
    ['s3://b/', 'addressing: path', 'unsigned'],
    ['s3+https://10.0.0.1/b/', 'payload: signed', 'signed'],
    ['s3://10.0.0.1/b/', 'payload: crc64nvme', 'crc64nvme'],
    ['s3://10.0.0.1/b/', 'transport: sdk, payload: crc32c', 'sdk'],
  ])('says what protects the body of a PUT: %s with {%s}', (address, s3, payload) => {
    const mix = 'workload: [{op: get, path: x/, weight: 1}]';
    const workload = parseWorkload(`target: s3://b/\ns3: {${s3}}\n${mix}`, 'w.yaml');
    expect(endpointRecord('agent-1', { ...ENDPOINT, address }, workload).payload).toBe(payload);
  });

  it('adds its addresses up, and tells how long connecting took', () => {
    const times = new LatencyHistogram();
    for (const timeNs of [1_000_000, 3_000_000]) times.record(timeNs);
    const traffic = {
      addresses: [ADDRESS, { ...ADDRESS, address: '10.0.0.2', connectNs: 3_000_000 }],
      operations: [
        { operation: 'GET' as const, requests: 12, bytesSent: 2000, bytesReceived: 4000 },
      ],
      reconnects: 3,
      connectTimes: times.toSparse(),
      region: 'eu-west-1',
      regionAdopted: true,
    };
    const { region, wire } = endpointRecord('agent-1', { ...ENDPOINT, traffic }, HOW);
    expect(region).toBe('eu-west-1');
    expect(wire).toMatchObject({
      requests: 12,
      bytes_sent: 2000,
      bytes_received: 4000,
      connects: 2,
      connect_errors: 4,
      connect_mean_us: 2000,
      reconnects: 3,
      operations: [{ operation: 'GET', requests: 12, bytes_sent: 2000, bytes_received: 4000 }],
    });
    expect((wire?.connect_max_us ?? 0) / 3000).toBeCloseTo(1, 2);
    expect(wire?.addresses.map(({ address, requests }) => [address, requests])).toEqual([
      ['10.0.0.1', 6],
      ['10.0.0.2', 6],
    ]);
  });
});
