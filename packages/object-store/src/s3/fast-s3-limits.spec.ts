import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import { failure, S3Fixture, submit, xml } from '../testing/s3-fixture.ts';
import { answer } from '../testing/scripted-server.ts';
import { ResponseParser } from './http/response-parser.ts';

const GIB = 1024 ** 3;

const s3 = new S3Fixture();

afterEach(() => s3.close());

describe('objects of more than 4 GiB', () => {
  it('are read to their last byte, and no further', () => {
    const lengthBytes = 5 * GIB + 3;
    let received = 0;
    const parser = new ResponseParser({
      onHead: () => undefined,
      onBody: (_, from, to) => (received += to - from),
    });
    const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${String(lengthBytes)}\r\n\r\n`);
    const piece = Buffer.alloc(16 * 1024 * 1024 - 1);
    parser.start(false);
    parser.feed(head, 0, head.length);
    let last = 0;
    while (!parser.done) last = parser.feed(piece, 0, piece.length);
    expect(received).toBe(lengthBytes);
    expect(last).toBe(lengthBytes % piece.length);
  });

  it('have the length that a HEAD tells', async () => {
    const client = await s3.client(
      () => `HTTP/1.1 200 OK\r\nContent-Length: ${String(6 * GIB)}\r\n\r\n`,
    );
    expect(await client.stat('key')).toBe(6 * GIB);
  });

  it('that break off say how much of them came', async () => {
    const client = await s3.client(({ socket }) => {
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${String(6 * GIB)}\r\n\r\n0123456789`);
      return undefined;
    });
    const error = await failure(client.get('key'));
    expect(error).toMatchObject({ code: 'S3_SHORT_BODY', class: 'integrity' });
    expect(error.message).toContain(`of ${String(6 * GIB)} bytes only 10 bytes`);
  });

  it('are read in parts from beyond 4 GiB', async () => {
    const from = 5 * GIB;
    await s3.serve(({ head }) => {
      const asked = /range: bytes=(\d+)-(\d+)/i.exec(head);
      const fields = `Content-Range: bytes ${asked?.[1] ?? ''}-${asked?.[2] ?? ''}/${String(6 * GIB)}\r\n`;
      return answer(206, 'abcd', fields);
    });
    const store = await s3.open();
    const done = await submit(store, (request) => {
      request.range = { offsetBytes: from, lengthBytes: 4 };
    });
    expect(done.error).toBeUndefined();
    expect(done.bytes).toBe(4);
    expect(s3.server.requests[0]?.head).toContain(`bytes=${String(from)}-${String(from + 3)}`);
  });
});

describe('large answers', () => {
  it('of listings are read: pages of a thousand keys of 1 024 bytes', async () => {
    const key = (page: number, index: number): string =>
      `p/${String(page)}-${String(index).padStart(4, '0')}-`.padEnd(1024, 'ä&<');
    const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    await s3.serve(({ head }) => {
      const page = Number(/continuation-token=(\d)/.exec(head)?.[1] ?? 0);
      const objects = Array.from(
        { length: 1000 },
        (_, index) => `<Contents><Key>${escaped(key(page, index))}</Key><Size>7</Size></Contents>`,
      );
      const next = `<IsTruncated>true</IsTruncated><NextContinuationToken>${String(page + 1)}</NextContinuationToken>`;
      const more = page < 2 ? next : '<IsTruncated>false</IsTruncated>';
      return answer(200, `<ListBucketResult>${more}${objects.join('')}</ListBucketResult>`);
    });
    const store = await s3.open();
    const keys: string[] = [];
    const listed = await new ObjectClient(store).list('', (entry) => keys.push(entry.key));
    expect(listed).toBe(3000);
    expect(keys[2999]).toBe(key(2, 999).slice('p/'.length));
    expect(new Set(keys).size).toBe(3000);
  });

  it('that say no are read as far as they matter, and the connection is used again', async () => {
    const client = await s3.client(({ index }) =>
      index === 0
        ? answer(503, `${xml('SlowDown')}${'<!-- padding -->'.repeat(50_000)}`)
        : answer(200, 'content'),
    );
    expect(await failure(client.get('key'))).toMatchObject({ code: 'S3_SlowDown' });
    expect((await client.get('key')).toString()).toBe('content');
    expect(s3.server.connections).toBe(1);
  });

  it('that say no behind 64 KiB of something else are explained by their status', async () => {
    const padding = '<!-- padding -->'.repeat(50_000);
    const client = await s3.client(() => answer(503, `${padding}${xml('SlowDown')}`));
    expect(await failure(client.get('key'))).toMatchObject({
      code: 'S3_Unknown',
      class: 'throttled',
    });
  });

  it('with oversized heads are refused, and the next request goes over another connection', async () => {
    const client = await s3.client(({ index }) =>
      index === 0 ? answer(200, '', `x-long: ${'x'.repeat(70_000)}\r\n`) : answer(200, 'content'),
    );
    const error = await failure(client.get('key'));
    expect(error).toMatchObject({ code: 'S3_ILLEGAL_ANSWER', class: 'server' });
    expect(error.message).toContain('its head is larger than 64 KiB');
    expect((await client.get('key')).toString()).toBe('content');
  });
});

describe('connections that cannot be made', () => {
  it('time out, also when a handshake gets no answer', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const store = await openStore(`s3+https://127.0.0.1:${String(port)}/bucket/`, {
      nowNs: () => performance.now() * 1e6,
      maxInFlight: 1,
      fileMode: 'sync',
      env: { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'us-east-1' },
      s3: { connectTimeoutMs: 100 },
    });
    try {
      const error = await failure(new ObjectClient(store).get('key'));
      expect(error).toMatchObject({ code: 'S3_CONNECT_TIMEOUT', class: 'timeout' });
      expect(error.message).toContain('no connection came about in time');
    } finally {
      store.close();
      server.close();
    }
  });

  it('for want of file handles are explained, and those that were made go on', async () => {
    await s3.serve(() => answer(200, 'content'));
    const program = fileURLToPath(new URL('../testing/out-of-files.ts', import.meta.url));
    const command = `ulimit -n 48 && exec "$0" --conditions=@sai3bench/source "$@"`;
    const host = `127.0.0.1:${String(s3.server.port)}`;
    const child = await promisify(execFile)('sh', [
      ...['-c', command, process.execPath, program, host, '100'],
    ]);
    expect(child.stderr).toBe('');
    expect(JSON.parse(child.stdout)).toMatchObject({
      codes: ['S3_EMFILE'],
      class: 'resource',
      hint: expect.stringContaining('ulimit -n'),
      after: 'content',
    });
  });
});
