import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { sdk, server } from '../testing/with-server.ts';

const Bucket = 'bucket';

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

describe('buckets, through the AWS SDK', () => {
  it('are made, found, listed and deleted', async () => {
    const s3 = await client();
    await s3.send(new CreateBucketCommand({ Bucket: 'another' }));
    const { $metadata, BucketRegion } = await s3.send(new HeadBucketCommand({ Bucket: 'another' }));
    expect([$metadata.httpStatusCode, BucketRegion]).toEqual([200, 'us-east-1']);
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['another', 'bucket']);
    await s3.send(new DeleteBucketCommand({ Bucket: 'another' }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'another' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  it('are refused with a bad name, or one that is taken, and kept while they hold something', async () => {
    const s3 = await client();
    await expect(s3.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
    });
    await expect(s3.send(new CreateBucketCommand({ Bucket: 'No' }))).rejects.toMatchObject({
      name: 'InvalidBucketName',
    });
    await put(s3, 'key');
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
    });
  });

  it('tell where they are, and send on who looks for them in the wrong region', async () => {
    const s3 = await client({ buckets: ['bucket', { name: 'far', region: 'eu-west-1' }] });
    expect(await s3.send(new GetBucketLocationCommand({ Bucket: 'far' }))).toMatchObject({
      LocationConstraint: 'eu-west-1',
    });
    await expect(
      s3.send(new GetObjectCommand({ Bucket: 'far', Key: 'key' })),
    ).rejects.toMatchObject({ name: 'PermanentRedirect', $metadata: { httpStatusCode: 301 } });
  });

  it('are found in the name of the host too', async () => {
    const started = await server({ requestLog: 1 });
    const port = new URL(started.url).port;
    // Names below localhost are not known everywhere.
    const lookup: LookupFunction = (_, { all }, found) => {
      if (all === true) found(null, [{ address: '127.0.0.1', family: 4 }]);
      else found(null, '127.0.0.1', 4);
    };
    const s3 = sdk(started, {
      endpoint: `http://localhost:${port}`,
      forcePathStyle: false,
      requestHandler: { httpAgent: new Agent({ lookup }) },
    });
    await put(s3, 'some/key');
    expect(await get(s3, 'some/key')).toBe('some/key');
    expect(started.requests()[0]?.headers.get('host')).toBe(`bucket.localhost:${port}`);
  });
});
