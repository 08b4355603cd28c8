import { afterEach, describe, expect, it } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import { content } from '../testing/content.ts';
import { allocateTraffic } from '../traffic/traffic-layout.ts';
import { TrafficReader } from '../traffic/traffic-reader.ts';
import { FastS3Store } from './fast-s3-store.ts';

let server: S3TestServer | undefined;
let store: FastS3Store | undefined;

afterEach(async () => {
  store?.close();
  await server?.stop();
  server = store = undefined;
});

describe('FastS3Store counts what goes over the wire', () => {
  it('for each kind of operation, as the server does', async () => {
    server = await startS3TestServer({ buckets: ['bucket'], anonymous: true, minPartBytes: 1 });
    const fault = { kind: 'error', code: 'InternalError' } as const;
    server.faults.add({ match: { operation: 'UploadPart', key: 'torn' }, fault });
    const memory = allocateTraffic(1);
    const opened = await openStore(`s3://${server.host}/bucket/`, {
      ...{ nowNs: () => performance.now() * 1e6, maxInFlight: 2, fileMode: 'sync' },
      env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' },
      traffic: { memory, endpoint: 0 },
      s3: { multipart: { thresholdBytes: 2_500_000, partBytes: 1_048_576, parallel: 1 } },
    });
    if (!(opened instanceof FastS3Store)) throw new TypeError('not the fast store');
    store = opened;
    const client = new ObjectClient(store);
    const reader = new TrafficReader(memory);
    const operations: [string, () => Promise<unknown>][] = [
      ['PUT', () => client.put('large', content(2_000_000))],
      ['PUT', () => client.put('small', content(10))],
      // In parts; of the second one the first fails, and the upload is aborted.
      ['PUT', () => client.put('parts', content(3_000_000))],
      ['PUT', () => client.put('torn', content(3_000_000)).catch(() => undefined)],
      ['GET', () => client.get('large')],
      ['STAT', () => client.stat('large')],
      ['LIST', () => client.list('', () => undefined)],
      ['DELETE', () => client.delete('small')],
      ['DELETE', () => opened.deleteObjects(['large', 'small'])],
    ];
    let before = server.stats();
    for (const [operation, perform] of operations) {
      await perform();
      const after = server.stats();
      const [traffic] = reader.takeDelta();
      expect(traffic?.operations).toEqual([
        {
          operation,
          requests: after.requests.total - before.requests.total,
          bytesSent: after.bytes.received - before.bytes.received,
          bytesReceived: after.bytes.sent - before.bytes.sent,
        },
      ]);
      before = after;
    }
    const { AbortMultipartUpload, UploadPart } = before.requests.byOperation;
    expect([AbortMultipartUpload, UploadPart]).toEqual([1, 4]);
  });
});
