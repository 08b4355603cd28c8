import { hash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startS3rver } from '@sai3bench/testing';
import { ObjectClient } from '../object-client.ts';
import { openStore } from '../open-store.ts';
import { failure, S3Fixture, submit, xml } from '../testing/s3-fixture.ts';
import { answer, type ScriptedRequest } from '../testing/scripted-server.ts';

const OK = answer(200);

const s3 = new S3Fixture();

afterEach(() => s3.close());

describe('FastS3Store', () => {
  it.each([0, 1, 4096, 16_384, 16_385, 5_000_000])(
    'sends %d bytes from a buffer that is used again and again',
    async (sizeBytes) => {
      await s3.serve(() => OK);
      const fast = await s3.open();
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
      expect(hash('sha256', s3.server.requests[0]?.body ?? '')).toBe(hash('sha256', content));
    },
  );

  it.each(['signed', 'crc32c', 'crc64nvme', 'sha256'] as const)(
    'sends bodies protected by %s',
    async (payload) => {
      const client = await s3.client(() => OK, { payload });
      await client.put('small', Buffer.from('hello'));
      await client.put('large', Buffer.alloc(1_500_000, 'a'));
      await client.put('empty', Buffer.alloc(0));
      const [small, large, empty] = s3.server.requests;
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
      expect(s3.server.connections).toBe(1);
    },
  );

  it('tries again as often as it is told, and counts the time apart', async () => {
    await s3.serve(({ index }) =>
      index < 2 ? answer(500, xml('InternalError')) : answer(200, 'x'),
    );
    const fast = await s3.open({ maxRetries: 3 });
    const done = await submit(fast, (request) => (request.key = 'a'));
    expect(done).toMatchObject({ error: undefined, retries: 2, bytes: 1 });
    expect(done.retryNs).toBeGreaterThan(0);
    expect(done.firstByteNs).toBeGreaterThanOrEqual(done.startNs);
    expect(done.endNs).toBeGreaterThanOrEqual(done.firstByteNs);
  });

  it('sends one request per operation unless told otherwise', async () => {
    const client = await s3.client(() => answer(503, xml('SlowDown')));
    expect(await failure(client.stat('a'))).toMatchObject({ class: 'throttled' });
    expect(s3.server.requests).toHaveLength(1);
  });

  it('cancels what is under way, what waits for a connection, and what waits to be tried again', async () => {
    await s3.serve(({ index }) => (index === 0 ? answer(503, xml('SlowDown')) : undefined));
    const fast = await s3.open({ maxRetries: 9 }, 2);
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
    const client = await s3.client(({ head, index }) => {
      if (index > 1) return page('a', more);
      return head.includes('continuation-token=n%2F%2B%3D')
        ? page('b&amp;&#x1;', '<IsTruncated>false</IsTruncated>')
        : page('a', more);
    });
    const entries: unknown[] = [];
    expect(await client.list('', (entry) => entries.push(entry))).toBe(2);
    expect(entries).toEqual([
      { key: 'a', sizeBytes: 7 },
      { key: 'b&\u0001', sizeBytes: 7 },
    ]);
    expect(await failure(client.list('', () => undefined))).toMatchObject({
      code: 'S3_ILLEGAL_ANSWER',
    });
  });

  it('leaves out what a server lists though it is not below the prefix', async () => {
    const objects = ['p/xa', 'q/xa', 'p/y', 'x'].map(
      (key) => `<Contents><Key>${key}</Key><Size>7</Size></Contents>`,
    );
    const client = await s3.client(() =>
      answer(200, `<ListBucketResult>${objects.join('')}</ListBucketResult>`),
    );
    const keys: string[] = [];
    expect(await client.list('x', ({ key }) => keys.push(key))).toBe(1);
    expect(keys).toEqual(['xa']);
  });

  it.each([
    ['says that it is too busy', () => answer(503, xml('SlowDown'))],
    [
      'breaks off',
      ({ socket }: ScriptedRequest) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n<ListBucketResult>', () => {
          socket.resetAndDestroy();
        });
        return undefined;
      },
    ],
  ])('asks for a page again where the server %s, in a listing that is patient', async (_, fail) => {
    const client = await s3.client((request) => {
      if (request.index === 1) return fail(request);
      const rest =
        request.index === 0
          ? '<IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken>'
          : '<IsTruncated>false</IsTruncated>';
      const key = `p/${request.head.includes('continuation-token=n') ? 'second' : 'first'}`;
      return answer(
        200,
        `<ListBucketResult>${rest}<Contents><Key>${key}</Key><Size>7</Size></Contents></ListBucketResult>`,
      );
    });
    const keys: string[] = [];
    await client.listPatiently('', ({ key }) => keys.push(key));
    expect(keys).toEqual(['first', 'second']);
    expect(s3.server.requests).toHaveLength(3);
  });

  it('uploads in parts, and aborts when one fails', async () => {
    let refuse = false;
    await s3.serve(({ head }) => {
      if (head.startsWith('POST') && head.includes('?uploads='))
        return answer(200, '<R><UploadId>U&amp;1</UploadId></R>');
      const part = /partNumber=(\d)/.exec(head)?.[1];
      if (refuse && part === '2') return answer(500, xml('InternalError'));
      if (part !== undefined) return answer(200, '', `ETag: "e${part}"\r\n`);
      return head.startsWith('DELETE')
        ? answer(204)
        : answer(200, '<CompleteMultipartUploadResult/>');
    });
    const fast = await s3.open();
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
    const last = s3.server.requests.at(-1);
    expect(last?.head).toContain('POST /bucket/p/big?uploadId=U%261 ');
    expect(last?.body.toString()).toMatch(
      /<PartNumber>1<\/PartNumber><ETag>"e1".*"e2".*<PartNumber>3.*"e3"/,
    );
    refuse = true;
    expect(await failure(fast.uploadMultipart(plan))).toMatchObject({ code: 'S3_InternalError' });
    expect(s3.server.requests.at(-1)?.head).toContain('DELETE /bucket/p/big?uploadId=U%261 ');
  });

  it('deletes in batches, and one by one where the server does not know them', async () => {
    let batches = true;
    await s3.serve(({ head }) => {
      if (head.startsWith('DELETE')) return answer(204);
      if (!batches) return answer(501, xml('NotImplemented'));
      return answer(
        200,
        `<DeleteResult><Error><Key>p/b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>`,
      );
    });
    const fast = await s3.open();
    const failures = await fast.deleteObjects(['a', 'b', 'c<']);
    expect([...failures.keys()]).toEqual(['b']);
    expect(failures.get('b')).toMatchObject({ code: 'S3_AccessDenied', class: 'permission' });
    expect(s3.server.requests[0]?.body.toString()).toContain('<Key>p/c&lt;</Key>');
    batches = false;
    expect(await fast.deleteObjects(['a', 'b'])).toEqual(new Map());
    expect(s3.server.requests.filter(({ head }) => head.startsWith('DELETE'))).toHaveLength(2);
  });

  it('refuses directories', async () => {
    const client = await s3.client(() => OK);
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
