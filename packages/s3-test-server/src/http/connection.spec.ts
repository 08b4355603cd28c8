import { describe, expect, it } from '@jest/globals';
import { raw, request, server } from '../testing/with-server.ts';

const PUT = request('PUT', '/bucket/key', 'content');
const GET = request('GET', '/bucket/key');

describe('a connection', () => {
  it('carries one request after the other', async () => {
    const s3 = await server({ anonymous: true });
    const client = await raw(s3);
    client.send(PUT);
    await client.receives('ETag');
    client.send(GET);
    expect(await client.receives('content')).toContain('Content-Length: 7\r\n');
    expect(s3.stats().connections).toEqual({ opened: 1, open: 1 });
  });

  it('answers pipelined requests in order', async () => {
    const client = await raw(await server({ anonymous: true }));
    client.send(PUT + GET + request('GET', '/bucket/none') + GET);
    const text = await client.receives(/content[^]*NoSuchKey[^]*content/);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['200', '200', '404', '200']);
  });

  it('takes a request byte by byte', async () => {
    const client = await raw(await server({ anonymous: true }));
    for (const byte of PUT) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.receives('200 OK');
  });

  it('asks for the body of a client that waits for that', async () => {
    const client = await raw(await server({ anonymous: true }));
    const [head = ''] = request('PUT', '/bucket/key', 'content', 'Expect: 100-continue\r\n').split(
      'content',
    );
    client.send(head);
    expect(await client.receives('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('content');
    await client.receives('200 OK');
  });

  it('does not ask for the body of a request that fails anyhow', async () => {
    const client = await raw(await server({ anonymous: true }));
    client.send(
      request('PUT', '/none/key', 'content', 'Expect: 100-continue\r\n').replace(/content$/, ''),
    );
    const text = await client.ends();
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(text).toContain('Connection: close');
  });

  it('ends after the answer when the client wants that', async () => {
    const client = await raw(await server({ anonymous: true }));
    client.send(request('GET', '/bucket/none', '', 'Connection: close\r\n'));
    expect(await client.ends()).toContain('Connection: close\r\n');
    expect(client.ending).toBe('end');
  });

  it('still answers a client that has sent FIN', async () => {
    const client = await raw(await server({ anonymous: true }));
    client.socket.end(PUT);
    expect(await client.ends()).toContain('200 OK');
  });

  it('answers IncompleteBody when a body ends early', async () => {
    const client = await raw(await server({ anonymous: true }));
    client.socket.end(PUT.slice(0, -1));
    expect(await client.ends()).toContain('<Code>IncompleteBody</Code>');
  });

  it('takes a body in chunks where S3 does, and says where not', async () => {
    const client = await raw(await server({ anonymous: true }));
    const chunked = 'POST /bucket?delete HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
    client.send(`${chunked}7\r\n<Delete\r\n1\r\n>\r\n0\r\n\r\n`);
    expect(await client.receives('</Error>')).toContain('Content-MD5');
    client.send(
      'PUT /bucket/key HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    );
    await client.receives('NotImplemented');
    client.send('PUT /bucket/key HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.receives(/411[^]*MissingContentLength/);
  });

  it.each([
    ['400', 'what is no HTTP', 'hello\r\n\r\n'],
    [
      '400',
      'a request with two lengths',
      'GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1,2\r\n\r\n',
    ],
    ['431', 'a head without end', `GET / HTTP/1.1\r\nx: ${'x'.repeat(70_000)}`],
  ])('answers %s to %s, and ends', async (status, _, text) => {
    const client = await raw(await server());
    client.send(text);
    expect(await client.ends()).toContain(`HTTP/1.1 ${status} `);
  });

  it('waits for a slow reader of large answers, and loses nothing', async () => {
    const s3 = await server({ anonymous: true, keepBodies: false });
    const client = await raw(s3);
    const bytes = 8 * 1024 * 1024;
    client.send(`PUT /bucket/key HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes}\r\n\r\n`);
    client.socket.write(Buffer.alloc(bytes));
    await client.receives('200 OK');
    client.socket.pause();
    client.send(GET + GET + request('HEAD', '/bucket/key', '', 'Connection: close\r\n'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    client.socket.resume();
    const text = await client.ends();
    expect(text.length).toBeGreaterThan(2 * bytes);
    expect(text.replaceAll('\0', '').match(/HTTP\/1\.1 200/g)).toHaveLength(4);
  });
});
