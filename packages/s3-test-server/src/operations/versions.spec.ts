import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import type { VersioningStatus } from '../storage/bucket.ts';
import { sdk, server } from '../testing/with-server.ts';

const Bucket = 'bucket';

/** A client of a server whose bucket keeps versions, or no more, or never did. */
async function client(versioning?: VersioningStatus): Promise<S3Client> {
  const bucket = versioning === undefined ? Bucket : { name: Bucket, versioning };
  return sdk(await server({ buckets: [bucket] }));
}

async function put(s3: S3Client, Key: string, Body = Key): Promise<string | undefined> {
  return (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;
}

async function get(s3: S3Client, Key: string, VersionId?: string): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return Body?.transformToString();
}

async function setVersioning(s3: S3Client, Status: VersioningStatus): Promise<void> {
  const VersioningConfiguration = { Status };
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
}

/** Key, id and kind of all versions, in the order in which they are listed. */
async function versions(s3: S3Client, Prefix?: string): Promise<string[]> {
  const { DeleteMarkers = [], Versions = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket, Prefix }),
  );
  const describeOne = (kind: string, each: (typeof DeleteMarkers)[number]): string =>
    `${each.Key} ${each.VersionId} ${kind}${each.IsLatest === true ? ' latest' : ''}`;
  return [
    ...Versions.map((each) => describeOne('object', each)),
    ...DeleteMarkers.map((each) => describeOne('marker', each)),
  ];
}

describe('versions, through the AWS SDK', () => {
  it('are kept once a bucket is told to, and no more once it is told not to', async () => {
    const s3 = await client();
    const status = async (): Promise<string | undefined> =>
      (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status;
    expect(await status()).toBeUndefined();
    expect(await put(s3, 'key', 'before')).toBeUndefined();
    await setVersioning(s3, 'Enabled');
    expect(await status()).toBe('Enabled');
    const kept = await put(s3, 'key', 'kept');
    await setVersioning(s3, 'Suspended');
    expect(await status()).toBe('Suspended');
    await put(s3, 'key', 'after');
    expect(await versions(s3)).toEqual(['key null object latest', `key ${kept} object`]);
    expect([await get(s3, 'key'), await get(s3, 'key', kept)]).toEqual(['after', 'kept']);
    expect(await get(s3, 'key', 'null')).toBe('after');
  });

  it('are read by their ids', async () => {
    const s3 = await client('Enabled');
    const old = await put(s3, 'key', 'old');
    const fresh = await put(s3, 'key', 'new');
    expect(fresh).not.toBe(old);
    expect([await get(s3, 'key'), await get(s3, 'key', old)]).toEqual(['new', 'old']);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    expect(head.VersionId).toBe(fresh);
    await expect(get(s3, 'key', 'none')).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });

  it('are hidden by a delete marker until it is deleted itself', async () => {
    const s3 = await client('Enabled');
    const old = await put(s3, 'key');
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    expect(marker.DeleteMarker).toBe(true);
    await expect(get(s3, 'key')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(get(s3, 'key', marker.VersionId)).rejects.toMatchObject({
      name: 'MethodNotAllowed',
    });
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    expect(await versions(s3)).toEqual([
      `key ${old} object`,
      `key ${marker.VersionId} marker latest`,
    ]);
    const VersionId = marker.VersionId;
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId }));
    expect(await get(s3, 'key')).toBe('key');
  });

  it('are gone for good when they are deleted by their ids', async () => {
    const s3 = await client('Enabled');
    const [first, second] = [await put(s3, 'key', '1'), await put(s3, 'key', '2')];
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId: second }));
    expect(await get(s3, 'key')).toBe('1');
    for (let time = 0; time < 2; time++)
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId: first }));
    expect(await versions(s3)).toEqual([]);
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });

  it('are deleted many at once, by key and by id', async () => {
    const s3 = await client('Enabled');
    const [a, b] = [await put(s3, 'a'), await put(s3, 'b')];
    const Objects = [{ Key: 'a', VersionId: a }, { Key: 'b' }];
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toMatchObject([
      { Key: 'a', VersionId: a },
      { Key: 'b', DeleteMarker: true },
    ]);
    const marker = Deleted?.[1]?.DeleteMarkerVersionId;
    expect(await versions(s3)).toEqual([`b ${b} object`, `b ${marker} marker latest`]);
  });

  it('leave one marker where versions are kept no more', async () => {
    const s3 = await client('Suspended');
    await put(s3, 'key');
    for (let time = 0; time < 2; time++)
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    expect(await versions(s3)).toEqual(['key null marker latest']);
  });

  it('are listed of a bucket that never kept any', async () => {
    const s3 = await client();
    await put(s3, 'key');
    expect(await versions(s3)).toEqual(['key null object latest']);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key', VersionId: 'null' }));
    expect(await versions(s3)).toEqual([]);
  });

  it('are listed page by page', async () => {
    const s3 = await client('Enabled');
    for (const key of ['p/a', 'p/a', 'p/a', 'p/b &', 'q']) await put(s3, key);
    const pages: (readonly (string | undefined)[])[] = [];
    let markers: Pick<ListObjectVersionsCommandInput, 'KeyMarker' | 'VersionIdMarker'> = {};
    do {
      const page = await s3.send(
        new ListObjectVersionsCommand({ Bucket, Prefix: 'p/', MaxKeys: 2, ...markers }),
      );
      pages.push((page.Versions ?? []).map(({ Key }) => Key));
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    } while (markers.KeyMarker !== undefined);
    expect(pages).toEqual([
      ['p/a', 'p/a'],
      ['p/a', 'p/b &'],
    ]);
  });

  it('are also made by uploads in parts', async () => {
    const s3 = await client('Enabled');
    const at = { Bucket, Key: 'key' };
    const old = await put(s3, 'key');
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
    const { ETag } = await s3.send(
      new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'parts' }),
    );
    const { VersionId } = await s3.send(
      new CompleteMultipartUploadCommand({
        ...at,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    expect(await versions(s3)).toEqual([`key ${VersionId} object latest`, `key ${old} object`]);
  });
});
