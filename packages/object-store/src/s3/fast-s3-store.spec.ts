import { hash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { BenchError } from '@sai3bench/errors';
import { freePort, startS3rver } from '@sai3bench/testing';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import { StoreRequest } from '../store-request.ts';
import {
  answer,
  type Script,
  type ScriptedServer,
  type ScriptOptions,
  startScriptedServer,
} from '../testing/scripted-server.ts';
import { FastS3Store } from './fast-s3-store.ts';
import type { S3Options } from './s3-options.ts';

const ENV = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hunter2', AWS_REGION: 'us-east-1' };
const OK = answer(200);

let server: ScriptedServer | undefined;
let store: FastS3Store | undefined;

afterEach(() => {
  store?.close();
  server?.close();
});

async function open(port: number, s3: S3Options = {}, maxInFlight = 4): Promise<FastS3Store> {
  const opened = await openStore(`s3://127.0.0.1:${String(port)}/bucket/p/`, {
    nowNs: () => performance.now() * 1e6,
    maxInFlight,
    fileMode: 'sync',
    env: ENV,
    s3,
  });
  if (!(opened instanceof FastS3Store)) throw new TypeError('not the fast store');
  return (store = opened);
}

/** A client of a server with a script. */
async function clientOf(
  script: Script,
  s3?: S3Options,
  options?: ScriptOptions,
): Promise<ObjectClient> {
  server = await startScriptedServer(script, options);
  return new ObjectClient(await open(server.port, s3));
}

function failure(promise: Promise<unknown>): Promise<BenchError> {
  return promise.then(
    () => {
      throw new TypeError('it did not fail');
    },
    (error: unknown) => error as BenchError,
  );
}

function submit(to: FastS3Store, fill: (request: StoreRequest) => void): Promise<StoreRequest> {
  return new Promise((resolve) => {
    const request = new StoreRequest(resolve);
    fill(request);
    to.submit(request);
  });
}

function xml(code: string, more = ''): string {
  return `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>a &amp; b</Message>${more}<RequestId>REQ1</RequestId></Error>`;
}

describe('FastS3Store', () => {
  it.each([
    ['NoSuchBucket', 404, 'not-found', 'create the bucket'],
    ['InvalidAccessKeyId', 403, 'auth', 'does not know this access key'],
    ['AccessDenied', 403, 'permission', 'grant these credentials'],
    ['ExpiredToken', 400, 'auth', 'fetch new credentials'],
    ['SlowDown', 503, 'throttled', undefined],
    ['InternalError', 500, 'server', undefined],
    ['UnheardOf', 418, 'config', undefined],
  ])('explains the answer %s (%d)', async (code, status, errorClass, hint) => {
    const client = await clientOf(() => answer(status, xml(code)));
    const error = await failure(client.get('key'));
    expect(error).toMatchObject({
      code: `S3_${code}`,
      class: errorClass,
      cause: { message: 'a & b' },
    });
    expect(error.message).toBe(
      `GET bucket/p/key failed (${code}, HTTP ${String(status)}, request REQ1)`,
    );
    if (hint !== undefined) expect(error.hint).toContain(hint);
  });

  it.each([
    [301, 'x-amz-bucket-region: eu-west-3\r\n', '', 'AWS_REGION=eu-west-3'],
    [
      400,
      '',
      xml('AuthorizationHeaderMalformed', '<Region>eu-west-3</Region>'),
      'AWS_REGION=eu-west-3',
    ],
    [307, 'Location: http://other:9000/bucket\r\n', '', 'http://other:9000/bucket'],
  ])('says where the server wants requests to go (%d)', async (status, fields, body, hint) => {
    const client = await clientOf(() => answer(status, body, fields));
    const error = await failure(client.get('key'));
    expect(error.class).toBe('config');
    expect(error.hint).toContain(hint);
  });

  it('reads chunked bodies, and interim answers before them', async () => {
    const client = await clientOf(
      () =>
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect((await client.get('key')).toString()).toBe('abcde');
    expect((await client.get('key')).toString()).toBe('abcde');
    expect(server?.connections).toBe(1);
  });

  it('knows the length from a HEAD, and 404 without a body', async () => {
    const client = await clientOf(({ index }) =>
      index === 0
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n'
        : 'HTTP/1.1 404 Not Found\r\nContent-Length: 200\r\n\r\n',
    );
    expect(await client.stat('key')).toBe(12_345);
    expect(await failure(client.stat('key'))).toMatchObject({
      code: 'S3_NotFound',
      class: 'not-found',
    });
    expect(server?.connections).toBe(1);
  });

  it('asks for a part of an object, and refuses another part', async () => {
    server = await startScriptedServer(({ index }) =>
      index === 0
        ? answer(206, 'cde', 'Content-Range: bytes 2-4/10\r\n')
        : index === 1
          ? answer(206, 'abc', 'Content-Range: bytes 0-2/10\r\n')
          : answer(200, 'abcdefghij'),
    );
    const fast = await open(server.port);
    const ask = (): Promise<StoreRequest> =>
      submit(fast, (request) => (request.range = { offsetBytes: 2, lengthBytes: 3 }));
    expect(await ask()).toMatchObject({ error: undefined, bytes: 3 });
    expect(server.requests[0]?.head).toContain('\r\nrange: bytes=2-4');
    expect((await ask()).error).toMatchObject({ class: 'integrity', code: 'S3_WRONG_RANGE' });
    expect((await ask()).error).toMatchObject({ class: 'integrity', code: 'S3_WRONG_RANGE' });
  });

  it.each([
    ['Connection: close', (): string => answer(200, 'x', 'Connection: close\r\n')],
    ['a body until the end of the connection', undefined],
  ])('uses a new connection after %s', async (_, script) => {
    const client = await clientOf((request) => {
      if (script !== undefined) return script();
      request.socket.end('HTTP/1.1 200 OK\r\n\r\nx');
      return undefined;
    });
    expect((await client.get('a')).toString()).toBe('x');
    expect((await client.get('b')).toString()).toBe('x');
    expect(server?.connections).toBe(2);
  });

  it('uses every connection once when they are not to be kept', async () => {
    const client = await clientOf(() => OK, { keepAlive: false });
    await client.delete('a');
    await client.delete('b');
    expect(server?.connections).toBe(2);
    expect(server?.requests[0]?.head).toMatch(/^connection: close/im);
  });

  it('gets a new connection when the server has closed the old one: that is no error', async () => {
    const client = await clientOf(({ onConnection, socket }) => {
      if (onConnection === 0) return answer(200, 'x');
      socket.resetAndDestroy();
      return undefined;
    });
    for (const key of ['a', 'b', 'c']) expect((await client.get(key)).toString()).toBe('x');
    expect(server?.connections).toBe(3);
  });

  it('does not take a reset of a new connection for that', async () => {
    const client = await clientOf(({ socket }) => {
      socket.resetAndDestroy();
      return undefined;
    });
    expect(await failure(client.get('a'))).toMatchObject({
      class: 'network',
      code: 'S3_ECONNRESET',
    });
    expect(server?.requests).toHaveLength(1);
  });

  it.each(['reset', 'end'])(
    'never takes a cut-off answer for a success (%s at every byte)',
    async (how) => {
      const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789';
      let length = 0;
      const client = await clientOf(({ socket }) => {
        const part = whole.slice(0, length);
        if (how === 'end') socket.end(part);
        else socket.write(part, () => socket.resetAndDestroy());
        return undefined;
      });
      for (length = 0; length < whole.length; length++) {
        const error = await failure(client.get('a'));
        expect(error.class).toMatch(/^(network|integrity)$/);
        if (how === 'end' && length >= whole.indexOf('0123'))
          expect(error).toMatchObject({ class: 'integrity', code: 'S3_SHORT_BODY' });
      }
    },
  );

  it.each([
    ['garbage', '\x00\x01garbage\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    ['an endless head', `HTTP/1.1 200 OK\r\nX-Fill: ${'x'.repeat(70_000)}`],
  ])('refuses %s', async (_, text) => {
    const client = await clientOf(() => text);
    expect(await failure(client.get('a'))).toMatchObject({
      code: 'S3_ILLEGAL_ANSWER',
      class: 'server',
    });
  });

  it('drops a connection on which more than the answer arrives', async () => {
    const client = await clientOf(() => `${answer(200, 'x')}HTTP/1.1 200 OK`);
    expect((await client.get('a')).toString()).toBe('x');
    expect((await client.get('b')).toString()).toBe('x');
    expect(server?.connections).toBe(2);
  });

  it('gives up on a server that says nothing, and on one that says little', async () => {
    const client = await clientOf(
      ({ index, socket }) => {
        if (index === 0) return undefined;
        const drip = setInterval(() => socket.write('x'), 20);
        socket.on('close', () => clearInterval(drip));
        return 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n';
      },
      { idleTimeoutMs: 200, totalTimeoutMs: 600 },
    );
    expect(await failure(client.get('a'))).toMatchObject({
      class: 'timeout',
      code: 'S3_IDLE_TIMEOUT',
    });
    expect(await failure(client.get('b'))).toMatchObject({
      class: 'timeout',
      code: 'S3_TOTAL_TIMEOUT',
    });
  });

  it('explains that nobody listens', async () => {
    const fast = await open(await freePort());
    expect(await failure(new ObjectClient(fast).get('a'))).toMatchObject({
      class: 'network',
      code: 'S3_ECONNREFUSED',
    });
    await expect(fast.warmUp()).rejects.toMatchObject({ code: 'S3_ECONNREFUSED' });
  });

  it('explains that a local address is not one', async () => {
    server = await startScriptedServer(() => OK);
    const fast = await open(server.port, { localAddress: '192.0.2.1' });
    expect(await failure(new ObjectClient(fast).get('a'))).toMatchObject({
      class: 'resource',
      code: 'S3_EADDRNOTAVAIL',
    });
  });

  it('stops sending when the answer is there, and does not use the connection again', async () => {
    const client = await clientOf(
      ({ index }) => (index === 0 ? answer(403, xml('AccessDenied')) : OK),
      {},
      { early: true },
    );
    const body = Buffer.alloc(32 << 20);
    expect(await failure(client.put('a', body))).toMatchObject({ code: 'S3_AccessDenied' });
    expect(server?.connections).toBe(1);
    await client.put('b', Buffer.from('small'));
    expect(server?.connections).toBe(2);
  });

  it('does not believe a success before the body was sent', async () => {
    const client = await clientOf(() => OK, {}, { early: true });
    expect(await failure(client.put('a', Buffer.alloc(32 << 20)))).toMatchObject({
      code: 'S3_EARLY_SUCCESS',
      class: 'integrity',
    });
  });

  it.each([0, 1, 4096, 16_384, 16_385, 5_000_000])(
    'sends %d bytes from a buffer that is used again and again',
    async (sizeBytes) => {
      server = await startScriptedServer(() => OK);
      const fast = await open(server.port);
      const content = Buffer.from(Array.from({ length: sizeBytes }, (_, i) => (i * 31) & 0xff));
      const buffer = Buffer.alloc(4 << 20);
      const done = await submit(fast, (request) => {
        request.operation = 'PUT';
        request.sizeBytes = sizeBytes;
        request.payload = {
          chunk: (offset, length) => {
            buffer.fill(0xee);
            content.copy(buffer, 0, offset, offset + length);
            return buffer.subarray(0, length);
          },
        };
      });
      expect(done).toMatchObject({ error: undefined, bytes: sizeBytes });
      expect(hash('sha256', server.requests[0]?.body ?? '')).toBe(hash('sha256', content));
    },
  );

  it.each(['signed', 'crc32c', 'crc64nvme', 'sha256'] as const)(
    'sends bodies protected by %s',
    async (payload) => {
      const client = await clientOf(() => OK, { payload });
      await client.put('small', Buffer.from('hello'));
      await client.put('large', Buffer.alloc(1_500_000, 'a'));
      await client.put('empty', Buffer.alloc(0));
      const [small, large, empty] = server?.requests ?? [];
      if (payload === 'signed') {
        expect(small?.head).toContain(hash('sha256', 'hello'));
        expect(large?.head).toContain('STREAMING-AWS4-HMAC-SHA256-PAYLOAD');
        expect(large?.body.toString('latin1')).toMatch(
          /^80000;chunk-signature=[0-9a-f]{64}\r\na{100}/,
        );
        expect(large?.body.toString('latin1')).toMatch(
          /\r\n0;chunk-signature=[0-9a-f]{64}\r\n\r\n$/,
        );
      } else {
        expect(small?.head).toContain('STREAMING-UNSIGNED-PAYLOAD-TRAILER');
        expect(small?.body.toString()).toMatch(
          new RegExp(`^5\r\nhello\r\n0\r\nx-amz-checksum-${payload}:[^\r]+\r\n\r\n$`),
        );
        expect(empty?.body.toString()).toMatch(/^0\r\nx-amz-checksum-/);
      }
      expect(server?.connections).toBe(1);
    },
  );

  it('tries again as often as it is told, and counts the time apart', async () => {
    server = await startScriptedServer(({ index }) =>
      index < 2 ? answer(500, xml('InternalError')) : answer(200, 'x'),
    );
    const fast = await open(server.port, { maxRetries: 3 });
    const done = await submit(fast, (request) => (request.key = 'a'));
    expect(done).toMatchObject({ error: undefined, retries: 2, bytes: 1 });
    expect(done.retryNs).toBeGreaterThan(0);
    expect(done.firstByteNs).toBeGreaterThanOrEqual(done.startNs);
    expect(done.endNs).toBeGreaterThanOrEqual(done.firstByteNs);
  });

  it('sends one request per operation unless told otherwise', async () => {
    const client = await clientOf(() => answer(503, xml('SlowDown')));
    expect(await failure(client.stat('a'))).toMatchObject({ class: 'throttled' });
    expect(server?.requests).toHaveLength(1);
  });

  it('cancels what is under way, what waits for a connection, and what waits to be tried again', async () => {
    server = await startScriptedServer(({ index }) =>
      index === 0 ? answer(503, xml('SlowDown')) : undefined,
    );
    const fast = await open(server.port, { maxRetries: 9 }, 2);
    const client = new ObjectClient(fast);
    const all = Array.from({ length: 6 }, (_, i) => failure(client.get(String(i))));
    await new Promise((resolve) => setTimeout(resolve, 100));
    fast.cancelAll();
    for (const error of await Promise.all(all))
      expect(error).toMatchObject({ class: 'cancelled', code: 'CANCELLED' });
  });

  it('follows the pages of a listing, and refuses one without an end', async () => {
    const page = (key: string, rest: string): string =>
      answer(
        200,
        `<?xml version="1.0"?><ListBucketResult xmlns="x"><KeyCount>1</KeyCount>${rest}<Contents><Key>p/${key}</Key><Size>7</Size></Contents></ListBucketResult>`,
      );
    const more =
      '<IsTruncated>true</IsTruncated><NextContinuationToken>n/+=</NextContinuationToken>';
    const client = await clientOf(({ head, index }) => {
      if (index > 1) return page('a', more);
      return head.includes('continuation-token=n%2F%2B%3D')
        ? page('b&amp;&#x1;', '<IsTruncated>false</IsTruncated>')
        : page('a', more);
    });
    const entries: unknown[] = [];
    expect(await client.list('x', (entry) => entries.push(entry))).toBe(2);
    expect(entries).toEqual([
      { key: 'a', sizeBytes: 7 },
      { key: 'b&\u0001', sizeBytes: 7 },
    ]);
    expect(await failure(client.list('x', () => undefined))).toMatchObject({
      code: 'S3_ILLEGAL_ANSWER',
    });
  });

  it('warms up all its connections, and counts what goes over them', async () => {
    server = await startScriptedServer(() => answer(200, 'abc'));
    const fast = await open(server.port, {}, 8);
    await fast.warmUp();
    expect(fast.addresses()).toMatchObject([
      { host: '127.0.0.1', open: 8, connects: 8, requests: 0 },
    ]);
    const done = await submit(fast, (request) => (request.key = 'a'));
    expect(done.connectNs).toBe(0);
    const [
      { bytesReceived, bytesSent, requests } = { bytesReceived: 0, bytesSent: 0, requests: 0 },
    ] = fast.addresses();
    expect({ bytesReceived, requests }).toEqual({
      bytesReceived: answer(200, 'abc').length,
      requests: 1,
    });
    expect(bytesSent).toBe((server.requests[0]?.head.length ?? 0) + 4);
  });

  it('uploads in parts, and aborts when one fails', async () => {
    let refuse = false;
    server = await startScriptedServer(({ head }) => {
      if (head.startsWith('POST') && head.includes('?uploads='))
        return answer(200, '<R><UploadId>U&amp;1</UploadId></R>');
      const part = /partNumber=(\d)/.exec(head)?.[1];
      if (refuse && part === '2') return answer(500, xml('InternalError'));
      if (part !== undefined) return answer(200, '', `ETag: "e${part}"\r\n`);
      return head.startsWith('DELETE')
        ? answer(204)
        : answer(200, '<CompleteMultipartUploadResult/>');
    });
    const fast = await open(server.port);
    const plan = {
      key: 'big',
      sizeBytes: 2_500_000,
      partBytes: 1_000_000,
      parallel: 2,
      payloadOf: (part: number) => ({
        chunk: (_: number, length: number) => Buffer.alloc(length, part),
      }),
    };
    await fast.uploadMultipart(plan);
    const last = server.requests.at(-1);
    expect(last?.head).toContain('POST /bucket/p/big?uploadId=U%261 ');
    expect(last?.body.toString()).toMatch(
      /<PartNumber>1<\/PartNumber><ETag>"e1".*"e2".*<PartNumber>3.*"e3"/,
    );
    refuse = true;
    expect(await failure(fast.uploadMultipart(plan))).toMatchObject({ code: 'S3_InternalError' });
    expect(server.requests.at(-1)?.head).toContain('DELETE /bucket/p/big?uploadId=U%261 ');
  });

  it('deletes in batches, and one by one where the server does not know them', async () => {
    let batches = true;
    server = await startScriptedServer(({ head }) => {
      if (head.startsWith('DELETE')) return answer(204);
      if (!batches) return answer(501, xml('NotImplemented'));
      return answer(
        200,
        `<DeleteResult><Error><Key>p/b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>`,
      );
    });
    const fast = await open(server.port);
    const failures = await fast.deleteObjects(['a', 'b', 'c<']);
    expect([...failures.keys()]).toEqual(['b']);
    expect(failures.get('b')).toMatchObject({ code: 'S3_AccessDenied', class: 'permission' });
    expect(server.requests[0]?.body.toString()).toContain('<Key>p/c&lt;</Key>');
    batches = false;
    expect(await fast.deleteObjects(['a', 'b'])).toEqual(new Map());
    expect(server.requests.filter(({ head }) => head.startsWith('DELETE'))).toHaveLength(2);
  });

  it('refuses directories', async () => {
    const client = await clientOf(() => OK);
    expect(await failure(client.makeDirectory('a'))).toMatchObject({ code: 'S3_NO_DIRECTORIES' });
  });

  it('works with a server that is not ours', async () => {
    const s3rver = await startS3rver(['bucket']);
    try {
      const opened = await openStore(`s3://${s3rver.host}/bucket/p/`, {
        nowNs: () => performance.now() * 1e6,
        maxInFlight: 4,
        fileMode: 'sync',
        env: s3rver.env,
      });
      const client = new ObjectClient(opened);
      const large = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7) & 0xff));
      await client.put('a b+%ü/x', Buffer.from('hello'));
      await client.put('large', large);
      expect((await client.get('a b+%ü/x')).toString()).toBe('hello');
      expect(large.equals(await client.get('large'))).toBe(true);
      expect(await client.stat('large')).toBe(large.length);
      const keys: string[] = [];
      expect(await client.list('', ({ key }) => keys.push(key))).toBe(2);
      expect(keys).toEqual(['a b+%ü/x', 'large']);
      await client.delete('large');
      expect(await failure(client.get('large'))).toMatchObject({
        code: 'S3_NoSuchKey',
        class: 'not-found',
      });
      opened.close();
    } finally {
      await s3rver.stop();
    }
  });
});
