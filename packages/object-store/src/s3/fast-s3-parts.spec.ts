import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { S3Operation } from '@sai3bench/s3-test-server';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import type { StoreRequest } from '../store-request.ts';
import { type PayloadSource } from '../store-request.ts';
import { content, md5 } from '../testing/content.ts';
import { FaultyServer } from '../testing/faulty-server.ts';
import { failure, S3Fixture, submit } from '../testing/s3-fixture.ts';
import type { MultipartOptions } from './s3-options.ts';

const faulty = new FaultyServer();

const fixture = new S3Fixture();

afterEach(async () => {
  fixture.close();
  await faulty.stop();
});

const BYTES = content(50_000);
const PARTS = { thresholdBytes: 20_000, partBytes: 8_192, parallel: 3 };
const COUNT = 7;

async function start(multipart: MultipartOptions = PARTS): Promise<void> {
  await faulty.start({ multipart }, { minPartBytes: 1 });
}

function requestsOf(operation: S3Operation): number {
  return faulty.server.stats().requests.byOperation[operation];
}

/** Goes on when the server has seen so many requests of a kind. */
async function seen(operation: S3Operation, count: number): Promise<void> {
  while (requestsOf(operation) < count) await faulty.client.stat('key');
}

function put(payload: PayloadSource, bytes = BYTES): Promise<StoreRequest> {
  return submit(faulty.store, (request) => {
    request.operation = 'PUT';
    request.key = 'big/ü+%';
    request.sizeBytes = bytes.length;
    request.payload = payload;
  });
}

/** A source whose chunks are overwritten by the next one of the same lane, as those of a benchmark are. */
class ReusingSource implements PayloadSource {
  readonly lanes: ReusingSource[] = [];
  readonly #buffer = Buffer.alloc(BYTES.length);

  chunk(offset: number, length: number): Uint8Array {
    expect(offset % 4_096).toBe(0);
    BYTES.copy(this.#buffer, 0, offset, offset + length);
    return this.#buffer.subarray(0, length);
  }

  lane(lane: number): PayloadSource {
    return (this.lanes[lane] ??= new ReusingSource());
  }
}

describe('a PUT of a large object', () => {
  it('goes in parts, each at its place', async () => {
    await start();
    const source = new ReusingSource();
    const request = await put(source);
    expect(request).toMatchObject({ error: undefined, bytes: BYTES.length, retries: 0 });
    expect(BYTES.equals(await faulty.client.get('big/ü+%'))).toBe(true);
    expect(requestsOf('UploadPart')).toBe(COUNT);
    expect(source.lanes).toHaveLength(3);
    const { endNs, firstByteNs, startNs } = request;
    expect([startNs > 0, firstByteNs > startNs, endNs >= firstByteNs]).toEqual([true, true, true]);
  });

  it('gets the ETag of its parts', async () => {
    await start();
    await put(new ReusingSource());
    const { env, url: endpoint } = faulty.server;
    const client = new S3Client({
      ...{ endpoint, region: 'us-east-1', forcePathStyle: true },
      credentials: {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    });
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'big/ü+%' }));
    const digests = Array.from({ length: COUNT }, (_, part) =>
      md5(BYTES.subarray(part * PARTS.partBytes).subarray(0, PARTS.partBytes)),
    );
    expect(ETag).toBe(`"${md5(Buffer.from(digests.join(''), 'hex'))}-${String(COUNT)}"`);
  });

  it('goes one part after the other where pieces cannot be made side by side', async () => {
    await start();
    const whole = new ReusingSource();
    await put({ chunk: (offset, length) => whole.chunk(offset, length) });
    expect(BYTES.equals(await faulty.client.get('big/ü+%'))).toBe(true);
    expect(requestsOf('UploadPart')).toBe(COUNT);
  });

  it.each([PARTS.thresholdBytes, 0])(
    'is one request up to the threshold (%d bytes)',
    async (size) => {
      await start();
      await faulty.client.put('small', content(size));
      expect(requestsOf('CreateMultipartUpload')).toBe(0);
    },
  );

  it('is one request up to 5 GiB unless told otherwise', async () => {
    await start({});
    await faulty.client.put('big', BYTES);
    expect(requestsOf('CreateMultipartUpload')).toBe(0);
  });

  it('has no more parts than S3 takes', async () => {
    await start({ thresholdBytes: 1_000, partBytes: 4 });
    await faulty.client.put('big', BYTES);
    expect(requestsOf('UploadPart')).toBe(1);
    expect(BYTES.equals(await faulty.client.get('big'))).toBe(true);
  });

  it('uses no more connections than it may', async () => {
    expect(await connectionsOf({ maxInFlight: 1, maxConnections: 2 })).toBe(2);
  });

  it('leaves nothing behind when a part fails', async () => {
    await start();
    faulty.strike({ kind: 'error', code: 'SlowDown' }, { operation: 'UploadPart', skip: 4 });
    expect((await put(new ReusingSource())).error).toMatchObject({
      code: 'S3_SlowDown',
      class: 'throttled',
    });
    expect(await faulty.store.abortOrphans('', () => true)).toBe(0);
    expect(await faulty.recovers()).toBe(true);
  });

  it.each(['', '<html>Login</html>'])(
    'fails when what completes it is answered with something else (%j)',
    async (text) => {
      const ok = (body: string, more = ''): string =>
        `HTTP/1.1 200 OK\r\n${more}content-length: ${String(body.length)}\r\n\r\n${body}`;
      const client = await fixture.client(
        ({ head }) => {
          if (head.startsWith('PUT')) return ok('', 'etag: "1"\r\n');
          if (head.startsWith('POST') && head.includes('uploads='))
            return ok('<R><UploadId>1</UploadId></R>');
          return ok(text);
        },
        { multipart: PARTS },
      );
      expect(await failure(client.put('big', BYTES))).toMatchObject({ code: 'S3_ILLEGAL_ANSWER' });
      expect(fixture.server.requests.at(-1)?.head).toMatch(/^DELETE .*uploadId=1/);
    },
  );

  it('ends at once when it is cancelled, and is aborted', async () => {
    await start();
    faulty.strike({ kind: 'stall-request', afterBodyBytes: 100 }, { operation: 'UploadPart' });
    const ended = put(new ReusingSource());
    await seen('UploadPart', PARTS.parallel);
    faulty.store.cancelAll();
    expect((await ended).error?.class).toBe('cancelled');
    await seen('AbortMultipartUpload', 1);
    expect(await faulty.store.abortOrphans('', () => true)).toBe(0);
  });

  it('does not wait for a server that does not answer when it is cancelled', async () => {
    await start();
    for (const operation of ['UploadPart', 'AbortMultipartUpload'] as const)
      faulty.strike({ kind: 'stall-request', afterBodyBytes: 0 }, { operation });
    const ended = put(new ReusingSource());
    await seen('UploadPart', PARTS.parallel);
    faulty.store.cancelAll();
    expect((await ended).error?.class).toBe('cancelled');
  });
});

/** Connections that a store with such limits makes to put an object. */
async function connectionsOf(limits: {
  readonly maxInFlight: number;
  readonly maxConnections: number;
}): Promise<number> {
  await start();
  const before = faulty.server.stats().connections.opened;
  const store = await openStore(`s3://${faulty.server.host}/bucket/`, {
    ...{ nowNs: () => performance.now() * 1e6, fileMode: 'async', ...limits },
    env: faulty.server.env,
    s3: { multipart: PARTS },
  });
  await new ObjectClient(store).put('big', BYTES);
  store.close();
  return faulty.server.stats().connections.opened - before;
}
