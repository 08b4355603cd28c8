import { once } from 'node:events';
import { connect } from 'node:tls';
import { HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { CERTIFICATE } from '@sai3bench/testing';
import { raw, request, sdk, server } from '../testing/with-server.ts';
import { startS3TestServer } from './start-server.ts';

describe('startS3TestServer()', () => {
  it('gives an environment that leads the SDK to it', async () => {
    const s3 = await server({ region: 'eu-west-1' });
    expect(s3.env).toEqual({
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'SAI3BENCHTEST',
      AWS_SECRET_ACCESS_KEY: 'sai3bench-test-secret',
    });
    const before = { ...process.env };
    Object.assign(process.env, s3.env);
    try {
      const client = new S3Client({ forcePathStyle: true, maxAttempts: 1 });
      const head = client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'none' }));
      await expect(head).rejects.toMatchObject({ name: 'NotFound' });
      client.destroy();
    } finally {
      process.env = before;
    }
  });

  it('counts requests, answers, errors, bytes and connections', async () => {
    const s3 = await server({ anonymous: true });
    const client = await raw(s3);
    const sent =
      request('PUT', '/bucket/key', 'x') + request('GET', '/bucket/none') + request('PATCH', '/');
    client.send(sent);
    const text = await client.receives('MethodNotAllowed</Code>');
    const { answers, bytes, connections, errors, requests } = s3.stats();
    expect(requests.byOperation).toMatchObject({ PutObject: 1, GetObject: 1, HeadObject: 0 });
    expect([requests.total, requests.unknown]).toEqual([3, 1]);
    expect(answers).toEqual({ 200: 1, 404: 1, 405: 1 });
    expect(errors).toEqual({ NoSuchKey: 1, MethodNotAllowed: 1 });
    expect(bytes.received).toBe(sent.length);
    expect(bytes.sent).toBeGreaterThanOrEqual(text.length);
    expect(connections).toEqual({ opened: 1, open: 1 });
    client.close();
  });

  it('keeps the last requests when asked to', async () => {
    const s3 = await server({ anonymous: true, requestLog: 2 });
    const client = await raw(s3);
    client.send(
      request('GET', '/bucket/a') +
        request('GET', '/bucket/b') +
        request('PUT', '/bucket/c', 'xyz', 'x-a: 1\r\n'),
    );
    await client.receives('200 OK');
    const [first, second] = s3.requests();
    expect(s3.requests()).toHaveLength(2);
    expect(first).toMatchObject({
      operation: 'GetObject',
      target: '/bucket/b',
      status: 404,
      error: 'NoSuchKey',
    });
    expect(second).toMatchObject({ method: 'PUT', bodyBytes: 3, status: 200, error: undefined });
    expect(second?.headers.get('x-a')).toBe('1');
  });

  it('opens another endpoint of the same buckets, with faults and counts of its own', async () => {
    const s3 = await server({ anonymous: true });
    await using other = await s3.openEndpoint();
    s3.faults.add({ fault: { kind: 'error', code: 'SlowDown' } });
    const put = await fetch(`${other.url}/bucket/key`, { method: 'PUT', body: 'content' });
    expect(put.status).toBe(200);
    expect((await fetch(`${s3.url}/bucket/key`)).status).toBe(503);
    s3.faults.clear();
    expect(await (await fetch(`${s3.url}/bucket/key`)).text()).toBe('content');
    expect(s3.stats().requests.byOperation).toMatchObject({ PutObject: 0, GetObject: 2 });
    expect(other.stats().requests.byOperation).toMatchObject({ PutObject: 1, GetObject: 0 });
    await other.stop();
    expect((await fetch(`${s3.url}/bucket/key`)).status).toBe(200);
  });

  it('says so when its port is taken', async () => {
    const s3 = await server();
    const port = Number(new URL(s3.url).port);
    await expect(startS3TestServer({ port })).rejects.toMatchObject({
      code: 'S3_TEST_SERVER_LISTEN',
      cause: { code: 'EADDRINUSE' },
    });
  });

  it('ends what is under way when it is stopped', async () => {
    const s3 = await server({ anonymous: true });
    s3.faults.add({ fault: { kind: 'latency', ms: 100_000 } });
    const client = await raw(s3);
    client.send(request('GET', '/bucket/key'));
    await client.staysSilent(20);
    await s3.stop();
    expect(await client.ends()).toBe('');
    expect(s3.stats().connections.open).toBe(0);
  });

  it('refuses what it does not do rather than do something else', async () => {
    const s3 = await server({ anonymous: true });
    for (const [method, target] of [
      ['GET', '/bucket?policy'],
      ['HEAD', '/bucket?versions'],
      ['GET', '/bucket'],
      ['PUT', '/bucket/key?versionId=1'],
      ['PUT', '/bucket/key?tagging'],
      ['GET', '/bucket/key?acl'],
      ['GET', '/bucket/key?partNumber=1'],
    ] as const) {
      const client = await raw(s3);
      client.send(request(method, target));
      await client.receives(method === 'HEAD' ? / 501 / : / 501 [^]*NotImplemented/);
    }
    for (const target of ['/bucket/%', '/bucket/%ff']) {
      const client = await raw(s3);
      client.send(request('GET', target));
      await client.receives('InvalidURI');
    }
    const client = await raw(s3);
    client.send(request('GET', `/bucket/${'k'.repeat(1025)}`));
    await client.receives('KeyTooLongError');
  });

  it('serves https, and resets below it', async () => {
    const s3 = await server({ anonymous: true, tls: CERTIFICATE });
    expect(s3.url).toMatch(/^https:/);
    s3.faults.add({ match: { skip: 1 }, fault: { kind: 'cut', afterBytes: 9, end: 'reset' } });
    const port = Number(new URL(s3.url).port);
    const socket = connect({ host: '127.0.0.1', port, ca: CERTIFICATE.cert });
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    const failed = once(socket, 'close').catch((error: unknown) => error);
    socket.write(request('PUT', '/bucket/key', 'x') + request('GET', '/bucket/key'));
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
    expect(text).toMatch(/200 OK[^]*HTTP\/1\.1 $/);
  });

  it('asks for the certificate of a client when told to', async () => {
    const s3 = await server({
      anonymous: true,
      tls: { ...CERTIFICATE, requestCert: true, ca: CERTIFICATE.cert },
    });
    const port = Number(new URL(s3.url).port);
    const attempt = async (own: object): Promise<string> => {
      const socket = connect({ host: '127.0.0.1', port, ca: CERTIFICATE.cert, ...own });
      socket.write(request('GET', '/bucket/none'));
      const end = await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => []);
      socket.destroy();
      return String(end[0]).slice(0, 12);
    };
    expect(await attempt(CERTIFICATE)).toBe('HTTP/1.1 404');
    expect(await attempt({})).not.toContain('HTTP');
  });

  it('lists a hundred thousand objects page by page without delay', async () => {
    const s3 = await server({ anonymous: true, keepBodies: false });
    const client = await raw(s3);
    const count = 100_000;
    for (let at = 0; at < count; at += 5_000) {
      const keys = Array.from({ length: 5_000 }, (_, index) => ((at + index) * 7_919) % count);
      client.send(
        keys.map((key) => request('PUT', `/bucket/${String(key).padStart(6, '0')}`)).join(''),
      );
    }
    const sdkClient = sdk(s3);
    while (s3.stats().requests.byOperation.PutObject < count) await new Promise(setImmediate);
    const page = await sdkClient.send(
      new ListObjectsV2Command({ Bucket: 'bucket', StartAfter: '054321', MaxKeys: 3 }),
    );
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(['054322', '054323', '054324']);
  });
});
