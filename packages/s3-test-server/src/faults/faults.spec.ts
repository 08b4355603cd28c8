import { describe, expect, it } from '@jest/globals';
import type { RawClient } from '../testing/raw-client.ts';
import { raw, request, server } from '../testing/with-server.ts';
import type { S3TestServer } from '../index.ts';
import type { Fault } from './fault.ts';

const BODY = 'the content of the object';
const GET = request('GET', '/bucket/key');
const PUT = request('PUT', '/bucket/key', BODY);

/** A server with an object and this fault, and a socket to it. */
async function faulty(...fault: Fault[]): Promise<{ s3: S3TestServer; client: RawClient }> {
  const s3 = await server({ anonymous: true });
  const setUp = await raw(s3);
  setUp.send(PUT);
  await setUp.receives('200 OK');
  setUp.close();
  s3.faults.add({ fault });
  return { s3, client: await raw(s3) };
}

const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);
const headLength = (text: string): number => text.indexOf('\r\n\r\n') + 4;

describe('faults of the answer', () => {
  it('error: the code of S3, with its status or another', async () => {
    const { client, s3 } = await faulty({ kind: 'error', code: 'SlowDown' });
    client.send(GET);
    expect(await client.receives('</Error>')).toMatch(/^HTTP\/1\.1 503 [^]*<Code>SlowDown</);
    s3.faults.clear();
    s3.faults.add({ fault: { kind: 'error', code: 'InternalError', status: 599, message: 'why' } });
    client.send(GET);
    await client.receives(/HTTP\/1\.1 599 [^]*<Message>why</);
    expect(s3.stats().errors).toEqual({ SlowDown: 1, InternalError: 1 });
  });

  it('error: nothing is stored', async () => {
    const { client, s3 } = await faulty({ kind: 'error', code: 'InternalError' });
    client.send(request('PUT', '/bucket/other', 'x'));
    await client.receives('</Error>');
    s3.faults.clear();
    client.send(request('GET', '/bucket/other'));
    await client.receives('NoSuchKey');
  });

  it('redirect: 307 with a Location', async () => {
    const { client } = await faulty({ kind: 'redirect', location: 'http://other/bucket/key' });
    client.send(GET);
    const text = await client.receives('</Error>');
    expect(text).toMatch(/^HTTP\/1\.1 307 [^]*Location: http:\/\/other\/bucket\/key\r\n/);
  });

  it('permanent-redirect: 301 with the region', async () => {
    const { client } = await faulty({ kind: 'permanent-redirect', region: 'eu-west-1' });
    client.send(GET);
    const text = await client.receives('</Error>');
    expect(text).toMatch(
      /^HTTP\/1\.1 301 [^]*x-amz-bucket-region: eu-west-1\r\n[^]*PermanentRedirect/,
    );
  });

  it.each([204, 304])('empty: %i without body and length', async (status) => {
    const { client } = await faulty({ kind: 'empty', status });
    client.send(GET + GET);
    const text = await client.receives(/HTTP[^]*HTTP[^]*\r\n\r\n/);
    expect(text.split(`HTTP/1.1 ${status} `)).toHaveLength(3);
    expect(text).not.toMatch(/Content-Length|content of/);
  });

  it('corrupt: the right length, and other bits', async () => {
    const { client } = await faulty({ kind: 'corrupt', bits: 3 });
    client.send(GET);
    await client.receives(/\r\n\r\n.{25}$/s);
    const body = Buffer.from(bodyOf(client.text), 'latin1');
    const changed = [...Buffer.from(BODY)].filter((byte, index) => byte !== body[index]);
    expect(changed).toHaveLength(3);
  });

  it.each([-5, 5])('content-length: off by %i', async (add) => {
    const { client } = await faulty({ kind: 'content-length', add });
    client.send(GET);
    expect(await client.receives(BODY)).toContain(`Content-Length: ${BODY.length + add}\r\n`);
  });

  it('long-header: a header as long as wanted', async () => {
    const { client } = await faulty({ kind: 'long-header', bytes: 100_000 });
    client.send(GET);
    expect(await client.receives(BODY)).toContain(`x-long: ${'x'.repeat(100_000)}\r\n`);
  });

  it('chunked: pieces of the body, with trailers', async () => {
    const { client } = await faulty({ kind: 'chunked', chunkBytes: 20, trailers: { 'x-t': '1' } });
    client.send(GET);
    const text = await client.receives('x-t: 1\r\n\r\n');
    expect(text).toContain('Transfer-Encoding: chunked\r\n');
    expect(text).not.toContain('Content-Length');
    expect(bodyOf(text)).toBe('14\r\nthe content of the o\r\n5\r\nbject\r\n0\r\nx-t: 1\r\n\r\n');
    client.send(request('HEAD', '/bucket/key'));
    await client.receives(/x-t: 1\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  });

  it('connection-close: said and done', async () => {
    const { client } = await faulty({ kind: 'connection-close' });
    client.send(GET);
    expect(await client.ends()).toMatch(/Connection: close\r\n[^]*the object$/);
  });
});

describe('faults of the delivery', () => {
  it('latency: the answer comes later', async () => {
    const { client } = await faulty({ kind: 'latency', ms: 80 });
    const start = performance.now();
    client.send(GET);
    await client.receives(BODY);
    expect(performance.now() - start).toBeGreaterThan(75);
  });

  it('latency: requests that were pipelined wait for it, and come in order', async () => {
    const { client, s3 } = await faulty({ kind: 'latency', ms: { uniform: [1, 15] } });
    client.send(GET + request('GET', '/bucket/none') + GET);
    await client.receives(/the object[^]*NoSuchKey[^]*the object/);
    expect(s3.stats().faults).toBe(3);
  });

  it.each([0, 1, 40, 400])('cut: a reset after %i bytes', async (afterBytes) => {
    const { client } = await faulty({ kind: 'cut', afterBytes, end: 'reset' });
    client.send(GET);
    const text = await client.ends();
    expect(client.ending).toBe('reset');
    const whole = text.includes('\r\n\r\n') ? headLength(text) + BODY.length : Infinity;
    expect(text.length).toBe(Math.min(afterBytes, whole));
  });

  it('cut: FIN after some bytes, while still reading', async () => {
    const { client } = await faulty({ kind: 'cut', afterBytes: 17, end: 'close' });
    client.send(GET);
    expect(await client.ends()).toBe('HTTP/1.1 200 OK\r\n');
    expect(client.ending).toBe('end');
    client.send(GET);
    expect(await client.ends()).toBe('HTTP/1.1 200 OK\r\n');
  });

  it.each(['close', 'reset', 'stall'] as const)(
    'cut: a body that is shorter than announced, then %s',
    async (end) => {
      const { client } = await faulty({ kind: 'cut', afterBytes: 3, from: 'body', end });
      client.send(GET);
      const text = end === 'stall' ? await client.receives('\r\n\r\nthe') : await client.ends();
      expect(text).toContain(`Content-Length: ${BODY.length}\r\n`);
      expect(bodyOf(text)).toBe('the');
      if (end === 'stall') await client.staysSilent();
      else expect(client.ending).toBe(end === 'close' ? 'end' : 'reset');
    },
  );

  it('cut: silence from the first byte', async () => {
    const { client } = await faulty({ kind: 'cut', afterBytes: 0, end: 'stall' });
    client.send(GET);
    expect(await client.staysSilent()).toBe('');
  });

  it('pieces: the head byte by byte', async () => {
    const { client } = await faulty({ kind: 'pieces', part: 'head' });
    client.send(GET);
    await client.receives(BODY);
    expect(client.pieces).toBeGreaterThan(20);
    client.send(GET);
    await client.receives(/the object[^]*the object/);
  });

  it('pieces: all, slowly', async () => {
    const { client } = await faulty({ kind: 'pieces', part: 'all', bytes: 50, everyMs: 5 });
    const start = performance.now();
    client.send(GET);
    const text = await client.receives(BODY);
    expect(performance.now() - start).toBeGreaterThan((text.length / 50 - 2) * 5);
  });

  it('garbage: no HTTP, and the end', async () => {
    const { client } = await faulty({ kind: 'garbage', bytes: 20 });
    client.send(GET);
    const text = await client.ends();
    expect(text).toHaveLength(20);
    expect(text).toMatch(/^[\x80-\xff]+$/);
  });

  it('interim: other answers before the final one', async () => {
    const { client } = await faulty({ kind: 'interim', statuses: [100, 103, 102] });
    client.send(GET);
    const text = await client.receives(BODY);
    expect(text).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 103 Early Hints\r\n\r\nHTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    );
  });

  it('add up', async () => {
    const { client } = await faulty(
      { kind: 'interim', statuses: [100] },
      { kind: 'error', code: 'SlowDown' },
      { kind: 'chunked' },
      { kind: 'connection-close' },
      { kind: 'pieces', part: 'head', bytes: 30 },
    );
    client.send(GET);
    expect(await client.ends()).toMatch(/ 100 [^]* 503 [^]*chunked\r\n[^]*SlowDown[^]*0\r\n\r\n$/);
  });
});

describe('faults of the request', () => {
  const [head = ''] = PUT.split(BODY);

  it.each([0, 10])('reset-request: a reset after %i bytes of the body', async (afterBodyBytes) => {
    const { client } = await faulty({ kind: 'reset-request', afterBodyBytes });
    client.send(head);
    if (afterBodyBytes > 0) {
      client.send('0123456789'.slice(1));
      await client.staysSilent(20);
      client.send('!');
    }
    expect(await client.ends()).toBe('');
    expect(client.ending).toBe('reset');
  });

  it('stall-request: no answer, ever', async () => {
    const { client } = await faulty({ kind: 'stall-request', afterBodyBytes: 5 });
    client.send(PUT);
    expect(await client.staysSilent()).toBe('');
  });

  it('early-answer: the final answer while the body is still being sent', async () => {
    const { client, s3 } = await faulty({
      kind: 'early-answer',
      afterBodyBytes: 4,
      code: 'SlowDown',
    });
    client.send(`${head}${BODY.slice(0, 4)}`);
    await client.receives('</Error>');
    s3.faults.clear();
    client.send(BODY.slice(4) + GET);
    expect(await client.receives(/SlowDown[^]*200 OK/)).toContain(BODY);
  });

  it('early-answer: with the end of the connection', async () => {
    const { client } = await faulty({
      kind: 'early-answer',
      afterBodyBytes: 0,
      code: 'SlowDown',
      then: 'close',
    });
    client.send(head);
    expect(await client.ends()).toMatch(/Connection: close[^]*SlowDown/);
  });

  it('early-answer: and the rest is not read', async () => {
    const { client } = await faulty({
      kind: 'early-answer',
      afterBodyBytes: 1,
      code: 'SlowDown',
      then: 'stop-reading',
    });
    const bytes = 64 * 1024 * 1024;
    client.send(`PUT /bucket/key HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes}\r\n\r\n`);
    client.socket.write(Buffer.alloc(bytes));
    await client.receives('SlowDown');
    await client.staysSilent();
    expect(client.socket.writableLength).toBeGreaterThan(0);
  });
});
