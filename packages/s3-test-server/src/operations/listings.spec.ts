import { createHash } from 'node:crypto';
import { ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
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

describe('listings, through the AWS SDK', () => {
  it('come in pages with keys and common prefixes', async () => {
    const s3 = await client();
    for (const key of ['a', 'b/1', 'b/2', 'c', 'd/1']) await put(s3, key);
    const input = { Bucket, Delimiter: '/', MaxKeys: 2 };
    const first = await s3.send(new ListObjectsV2Command(input));
    expect(first).toMatchObject({ KeyCount: 2, IsTruncated: true, MaxKeys: 2, Delimiter: '/' });
    expect(first.Contents).toMatchObject([{ Key: 'a', Size: 1, ETag: `"${md5('a')}"` }]);
    expect(first.CommonPrefixes).toEqual([{ Prefix: 'b/' }]);
    const second = await s3.send(
      new ListObjectsV2Command({ ...input, ContinuationToken: first.NextContinuationToken }),
    );
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['c']);
    expect(second.CommonPrefixes).toEqual([{ Prefix: 'd/' }]);
    expect(second.IsTruncated).toBe(false);
  });

  it('begin behind a key, stay below a prefix, and encode keys when asked to', async () => {
    const s3 = await client();
    for (const key of ['p/1', 'p/2 &', 'p/3', 'q']) await put(s3, key);
    const { Contents } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'p/', StartAfter: 'p/1', EncodingType: 'url' }),
    );
    expect(Contents?.map(({ Key }) => Key)).toEqual(['p/2%20%26', 'p/3']);
  });

  it('refuse a token that is none', async () => {
    const s3 = await client();
    await expect(
      s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: '!' })),
    ).rejects.toMatchObject({ name: 'InvalidArgument' });
  });
});
