import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '@sai3bench/testing';
import { ObjectClient } from '../object-client.ts';
import type { StoreRequest } from '../store-request.ts';
import { failure, S3Fixture, submit, xml } from '../testing/s3-fixture.ts';
import { answer } from '../testing/scripted-server.ts';

const OK = answer(200);

const s3 = new S3Fixture();

afterEach(() => s3.close());

describe('FastS3Store', () => {
  it.each([
    ['NoSuchBucket', 404, 'not-found', 'create the bucket'],
    ['InvalidAccessKeyId', 403, 'auth', 'does not know this access key'],
    ['XAdminUserNotFound', 404, 'auth', 'does not know this access key'],
    ['AccessDenied', 403, 'permission', 'grant these credentials'],
    ['ExpiredToken', 400, 'auth', 'fetch new credentials'],
    ['InvalidToken', 400, 'auth', 'missing or not valid: set AWS_SESSION_TOKEN'],
    ['SlowDown', 503, 'throttled', undefined],
    ['InternalError', 500, 'server', undefined],
    ['UnheardOf', 418, 'config', undefined],
  ])('explains the answer %s (%d)', async (code, status, errorClass, hint) => {
    const client = await s3.client(() => answer(status, xml(code)));
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
    const client = await s3.client(() => answer(status, body, fields));
    const error = await failure(client.get('key'));
    expect(error.class).toBe('config');
    expect(error.hint).toContain(hint);
  });

  it('reads chunked bodies, and interim answers before them', async () => {
    const client = await s3.client(
      () =>
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect((await client.get('key')).toString()).toBe('abcde');
    expect((await client.get('key')).toString()).toBe('abcde');
    expect(s3.server.connections).toBe(1);
  });

  it('knows the length from a HEAD, and 404 without a body', async () => {
    const client = await s3.client(({ index }) =>
      index === 0
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n'
        : 'HTTP/1.1 404 Not Found\r\nContent-Length: 200\r\n\r\n',
    );
    expect(await client.stat('key')).toBe(12_345);
    expect(await failure(client.stat('key'))).toMatchObject({
      code: 'S3_NotFound',
      class: 'not-found',
    });
    expect(s3.server.connections).toBe(1);
  });

  it('asks for a part of an object, and refuses another part', async () => {
    await s3.serve(({ index }) =>
      index === 0
        ? answer(206, 'cde', 'Content-Range: bytes 2-4/10\r\n')
        : index === 1
          ? answer(206, 'abc', 'Content-Range: bytes 0-2/10\r\n')
          : answer(200, 'abcdefghij'),
    );
    const fast = await s3.open();
    const ask = (): Promise<StoreRequest> =>
      submit(fast, (request) => (request.range = { offsetBytes: 2, lengthBytes: 3 }));
    expect(await ask()).toMatchObject({ error: undefined, bytes: 3 });
    expect(s3.server.requests[0]?.head).toContain('\r\nrange: bytes=2-4');
    expect((await ask()).error).toMatchObject({ class: 'integrity', code: 'S3_WRONG_RANGE' });
    expect((await ask()).error).toMatchObject({ class: 'integrity', code: 'S3_WRONG_RANGE' });
  });

  it('refuses a part of an object where it has asked for the whole', async () => {
    const client = await s3.client(() => answer(206, 'cde', 'Content-Range: bytes 2-4/10\r\n'));
    expect(await failure(client.get('a'))).toMatchObject({
      class: 'integrity',
      code: 'S3_WRONG_RANGE',
    });
  });

  it('knows the request id of an answer without XML from its head', async () => {
    const client = await s3.client(() => answer(503, '', 'x-amz-request-id: REQ2\r\n'));
    expect((await failure(client.get('a'))).message).toContain('HTTP 503, request REQ2');
  });

  it.each([
    ['Connection: close', (): string => answer(200, 'x', 'Connection: close\r\n')],
    ['a body until the end of the connection', undefined],
  ])('uses a new connection after %s', async (_, script) => {
    const client = await s3.client((request) => {
      if (script !== undefined) return script();
      request.socket.end('HTTP/1.1 200 OK\r\n\r\nx');
      return undefined;
    });
    expect((await client.get('a')).toString()).toBe('x');
    expect((await client.get('b')).toString()).toBe('x');
    expect(s3.server.connections).toBe(2);
  });

  it('uses every connection once when they are not to be kept', async () => {
    const client = await s3.client(() => OK, { keepAlive: false });
    await client.delete('a');
    await client.delete('b');
    expect(s3.server.connections).toBe(2);
    expect(s3.server.requests[0]?.head).toMatch(/^connection: close/im);
  });

  it('gets a new connection when the server has closed the old one: that is no error', async () => {
    const client = await s3.client(({ onConnection, socket }) => {
      if (onConnection === 0) return answer(200, 'x');
      socket.resetAndDestroy();
      return undefined;
    });
    for (const key of ['a', 'b', 'c']) expect((await client.get(key)).toString()).toBe('x');
    expect(s3.server.connections).toBe(3);
  });

  it('does not take a reset of a new connection for that', async () => {
    const client = await s3.client(({ socket }) => {
      socket.resetAndDestroy();
      return undefined;
    });
    expect(await failure(client.get('a'))).toMatchObject({
      class: 'network',
      code: 'S3_ECONNRESET',
    });
    expect(s3.server.requests).toHaveLength(1);
  });

  it.each(['reset', 'end'])(
    'never takes a cut-off answer for a success (%s at every byte)',
    async (how) => {
      const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789';
      let length = 0;
      const client = await s3.client(({ socket }) => {
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
    const client = await s3.client(() => text);
    expect(await failure(client.get('a'))).toMatchObject({
      code: 'S3_ILLEGAL_ANSWER',
      class: 'server',
    });
  });

  it('drops a connection on which more than the answer arrives', async () => {
    const client = await s3.client(() => `${answer(200, 'x')}HTTP/1.1 200 OK`);
    expect((await client.get('a')).toString()).toBe('x');
    expect((await client.get('b')).toString()).toBe('x');
    expect(s3.server.connections).toBe(2);
  });

  it('gives up on a server that says nothing, and on one that says little', async () => {
    const client = await s3.client(
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
    const fast = await s3.open({}, 4, await freePort());
    expect(await failure(new ObjectClient(fast).get('a'))).toMatchObject({
      class: 'network',
      code: 'S3_ECONNREFUSED',
    });
    await expect(fast.warmUp(2)).rejects.toMatchObject({ code: 'S3_ECONNREFUSED' });
  });

  it('counts what an operation waited for a connection that did not come about', async () => {
    const fast = await s3.open({}, 4, await freePort());
    for (const operation of ['GET', 'LIST'] as const) {
      const done = await submit(fast, (request) => (request.operation = operation));
      expect(done.error).toMatchObject({ code: 'S3_ECONNREFUSED' });
      expect(done.connectNs).toBeGreaterThan(0);
      expect([done.startNs, done.retryNs]).toEqual([done.endNs, 0]);
    }
  });

  it('connects from the address of this host that it was told', async () => {
    // All of 127.0.0.0/8 is this host, on Linux.
    const localAddress = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';
    await s3.serve(({ socket }) => answer(200, socket.remoteAddress));
    const client = new ObjectClient(await s3.open({ localAddress }));
    expect((await client.get('a')).toString()).toBe(localAddress);
  });

  it('explains that a local address is not one', async () => {
    await s3.serve(() => OK);
    const fast = await s3.open({ localAddress: '192.0.2.1' });
    expect(await failure(new ObjectClient(fast).get('a'))).toMatchObject({
      class: 'resource',
      code: 'S3_EADDRNOTAVAIL',
      hint: expect.stringContaining('a local_address must be one of this host'),
    });
  });

  it('stops sending when the answer is there, and does not use the connection again', async () => {
    const client = await s3.client(
      ({ index }) => (index === 0 ? answer(403, xml('AccessDenied')) : OK),
      {},
      { early: true },
    );
    const body = Buffer.alloc(32 << 20);
    expect(await failure(client.put('a', body))).toMatchObject({ code: 'S3_AccessDenied' });
    expect(s3.server.connections).toBe(1);
    await client.put('b', Buffer.from('small'));
    expect(s3.server.connections).toBe(2);
  });

  it('does not believe a success before the body was sent', async () => {
    const client = await s3.client(() => OK, {}, { early: true });
    expect(await failure(client.put('a', Buffer.alloc(32 << 20)))).toMatchObject({
      code: 'S3_EARLY_SUCCESS',
      class: 'integrity',
    });
  });
});
