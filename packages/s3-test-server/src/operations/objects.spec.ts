import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { sdk, server } from '../testing/with-server.ts';

const Bucket = 'bucket';
const md5 = (body: Buffer | string): string => createHash('md5').update(body).digest('hex');

async function client(options: Parameters<typeof server>[0] = {}): Promise<S3Client> {
  return sdk(await server(options));
}

async function put(s3: S3Client, Key: string, Body: string | Buffer = Key): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function get(s3: S3Client, Key: string, Range?: string): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Body?.transformToString();
}

describe('objects, through the AWS SDK', () => {
  it('come back as they were put, with their metadata and the MD5 as ETag', async () => {
    const s3 = await client();
    const beginMs = Date.now();
    const { ETag } = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'key',
        Body: 'content',
        ContentType: 'text/plain',
        CacheControl: 'no-store',
        Metadata: { colour: 'blue' },
      }),
    );
    const putMs = Date.now();
    expect(ETag).toBe(`"${md5('content')}"`);
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    expect(await answer.Body?.transformToString()).toBe('content');
    expect(answer).toMatchObject({
      ETag,
      ContentLength: 7,
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      Metadata: { colour: 'blue' },
      ChecksumType: 'FULL_OBJECT',
    });
    const modifiedMs = answer.LastModified?.getTime() ?? 0;
    // Cut to seconds.
    expect(modifiedMs).toBeGreaterThan(beginMs - 1_000);
    expect(modifiedMs).toBeLessThanOrEqual(putMs);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    expect(head).toMatchObject({ ContentLength: 7, ETag, Metadata: { colour: 'blue' } });
  });

  it.each(['a b+c%20d', 'ünïcödé/日本語/😀', 'a//b/../c', "!'()*~;:@&=$,?#[]", '<&>"'])(
    'may have the key %s',
    async (key) => {
      const s3 = await client();
      await put(s3, key, 'x');
      expect(await get(s3, key)).toBe('x');
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
      expect(Contents?.map(({ Key }) => Key)).toEqual([key]);
      await s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }], Quiet: true } }),
      );
      await expect(get(s3, key)).rejects.toMatchObject({ name: 'NoSuchKey' });
    },
  );

  it.each([
    ['bytes=2-4', 'cde'],
    ['bytes=7-', 'hij'],
    ['bytes=-2', 'ij'],
    ['bytes=8-99', 'ij'],
    ['bytes=-99', 'abcdefghij'],
    ['nonsense', 'abcdefghij'],
  ])('are read in part with the range %s', async (range, expected) => {
    const s3 = await client();
    await put(s3, 'key', 'abcdefghij');
    expect(await get(s3, 'key', range)).toBe(expected);
  });

  it('say where a range lies, and that it lies outside', async () => {
    const s3 = await client();
    await put(s3, 'key', 'abc');
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: 'key', Range: 'bytes=1-1' }));
    expect(answer).toMatchObject({ ContentRange: 'bytes 1-1/3', ContentLength: 1 });
    await expect(get(s3, 'key', 'bytes=3-')).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });

  it('are checked with each checksum of S3 and tell it', async () => {
    const s3 = await client();
    for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
      const answer = await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: algorithm,
          Body: 'content',
          ChecksumAlgorithm: algorithm,
        }),
      );
      const name = `Checksum${algorithm}` as const;
      expect(answer[name]).toMatch(/=$/);
      const got = await s3.send(
        new GetObjectCommand({ Bucket, Key: algorithm, ChecksumMode: 'ENABLED' }),
      );
      expect(got[name]).toBe(answer[name]);
      expect(await got.Body?.transformToString()).toBe('content');
    }
  });

  it('are refused when digest or checksum is another', async () => {
    const s3 = await client();
    const input = { Bucket, Key: 'key', Body: 'content' };
    for (const wrong of [
      { ContentMD5: Buffer.alloc(16).toString('base64') },
      { ChecksumCRC32C: 'AAAAAA==' },
      { ChecksumSHA256: Buffer.alloc(32).toString('base64') },
    ]) {
      await expect(s3.send(new PutObjectCommand({ ...input, ...wrong }))).rejects.toMatchObject({
        name: 'BadDigest',
      });
    }
    await expect(get(s3, 'key')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('may come as a stream with their checksum behind them', async () => {
    const started = await server({ requestLog: 1 });
    const s3 = sdk(started);
    const Body = Readable.from([Buffer.from('con'), Buffer.from('tent')]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body, ContentLength: 7 }));
    expect(started.requests()[0]?.headers.get('x-amz-trailer')).toBe('x-amz-checksum-crc32');
    expect(await get(s3, 'key')).toBe('content');
    const { ContentEncoding } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    expect(ContentEncoding).toBeUndefined();
  });

  it('are written only where nothing is, or what is expected, when so conditioned', async () => {
    const s3 = await client();
    const write = (conditions: object): Promise<unknown> =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'x', ...conditions }));
    await write({ IfNoneMatch: '*' });
    await expect(write({ IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    await write({ IfMatch: `"${md5('x')}"` });
    await expect(write({ IfMatch: '"0"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('are not sent again to who has them', async () => {
    const s3 = await client();
    await put(s3, 'key');
    const read = (conditions: object): Promise<unknown> =>
      s3.send(new GetObjectCommand({ Bucket, Key: 'key', ...conditions }));
    const ETag = `"${md5('key')}"`;
    const future = new Date(Date.now() + 60_000);
    const past = new Date(0);
    for (const holds of [
      { IfMatch: ETag },
      { IfModifiedSince: past },
      { IfUnmodifiedSince: future },
    ]) {
      await read(holds);
    }
    for (const [conditions, status] of [
      [{ IfNoneMatch: ETag }, 304],
      [{ IfModifiedSince: future }, 304],
      [{ IfMatch: '"0"' }, 412],
      [{ IfUnmodifiedSince: past }, 412],
    ] as const) {
      await expect(read(conditions)).rejects.toMatchObject({
        $metadata: { httpStatusCode: status },
      });
    }
  });

  it('are missed by name, or by status where there is no body', async () => {
    const s3 = await client();
    await expect(get(s3, 'none')).rejects.toMatchObject({
      name: 'NoSuchKey',
      $metadata: { httpStatusCode: 404, requestId: expect.stringMatching(/^[0-9A-F]{16}$/) },
    });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(
      s3.send(new GetObjectCommand({ Bucket: 'none', Key: 'none' })),
    ).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('are deleted, also when they are not there', async () => {
    const s3 = await client();
    await put(s3, 'a');
    for (let time = 0; time < 2; time++) {
      const { $metadata } = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
      expect($metadata.httpStatusCode).toBe(204);
    }
    await expect(get(s3, 'a')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('are deleted many at once', async () => {
    const s3 = await client();
    for (const key of ['a', 'b', 'c']) await put(s3, key);
    const { Deleted } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }, { Key: 'c' }] } }),
    );
    expect(Deleted).toEqual([{ Key: 'a' }, { Key: 'c' }]);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['b']);
  });

  it('are not deleted many at once by a server that does not know how', async () => {
    const s3 = await client({ refuse: { DeleteObjects: 'NotImplemented' } });
    await expect(
      s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }] } })),
    ).rejects.toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
  });

  it('have no body when only lengths are kept', async () => {
    const s3 = await client({ keepBodies: false });
    await put(s3, 'key', 'x'.repeat(3_000_000));
    const read = await get(s3, 'key');
    expect(read?.length).toBe(3_000_000);
    expect(read?.replaceAll('\0', '')).toBe('');
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    expect(ETag).toMatch(/^"[0-9a-f]+-[0-9a-f]+"$/);
    const Body = Readable.from([Buffer.from('content')]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: 7 }));
    expect(await get(s3, 'stream')).toHaveLength(7);
  });

  it('are refused when they are too large', async () => {
    const s3 = await client({ maxBodyBytes: 3 });
    await expect(put(s3, 'key', 'four')).rejects.toMatchObject({ name: 'EntityTooLarge' });
  });
});
