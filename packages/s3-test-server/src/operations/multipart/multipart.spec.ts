import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { sdk, server } from '../../testing/with-server.ts';

const Bucket = 'bucket';
const md5 = (body: Buffer | string): string => createHash('md5').update(body).digest('hex');

async function client(options: Parameters<typeof server>[0] = {}): Promise<S3Client> {
  return sdk(await server(options));
}

async function get(s3: S3Client, Key: string, Range?: string): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Body?.transformToString();
}

describe('multipart uploads, through the AWS SDK', () => {
  const Key = 'large';

  async function begin(s3: S3Client, extra: object = {}): Promise<string> {
    const { UploadId = '' } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'text/plain', ...extra }),
    );
    return UploadId;
  }

  async function part(
    s3: S3Client,
    UploadId: string,
    PartNumber: number,
    Body: string,
    extra: object = {},
  ) {
    const answer = await s3.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...extra }),
    );
    const { ChecksumCRC32, ChecksumCRC64NVME, ETag } = answer;
    return { PartNumber, ETag, ChecksumCRC32, ChecksumCRC64NVME };
  }

  const complete = (s3: S3Client, UploadId: string, Parts: object[]) =>
    s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );

  it('make one object of their parts', async () => {
    const s3 = await client({ minPartBytes: 1 });
    const id = await begin(s3);
    const second = await part(s3, id, 7, 'second');
    const first = await part(s3, id, 3, 'first ');
    const { ETag } = await complete(s3, id, [first, second]);
    const digests = Buffer.from(md5('first ') + md5('second'), 'hex');
    expect(ETag).toBe(`"${md5(digests)}-2"`);
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(answer).toMatchObject({ ContentLength: 12, ContentType: 'text/plain', ETag });
    expect(await answer.Body?.transformToString()).toBe('first second');
    expect(await get(s3, Key, 'bytes=4-7')).toBe('t se');
    await expect(complete(s3, id, [first])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('have a checksum of checksums, or of the whole', async () => {
    const s3 = await client({ minPartBytes: 1 });
    const composite = await begin(s3, { ChecksumAlgorithm: 'CRC32' });
    const one = await part(s3, composite, 1, 'ab', { ChecksumAlgorithm: 'CRC32' });
    expect(await complete(s3, composite, [one])).toMatchObject({
      ChecksumType: 'COMPOSITE',
      ChecksumCRC32: expect.stringMatching(/-1$/),
    });
    const full = await begin(s3, { ChecksumAlgorithm: 'CRC64NVME' });
    const parts = [
      await part(s3, full, 1, '1234', { ChecksumAlgorithm: 'CRC64NVME' }),
      await part(s3, full, 2, '56789', { ChecksumAlgorithm: 'CRC64NVME' }),
    ];
    expect(await complete(s3, full, parts)).toMatchObject({
      ChecksumType: 'FULL_OBJECT',
      ChecksumCRC64NVME: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
    });
  });

  it('want the checksum that they were begun with, of each part, and named again at the end', async () => {
    const s3 = await client({ minPartBytes: 1 });
    const id = await begin(s3, { ChecksumAlgorithm: 'CRC32' });
    await expect(part(s3, id, 1, 'a', { ChecksumAlgorithm: 'SHA256' })).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining(
        'expected checksum Type: crc32, actual checksum Type: sha256',
      ),
    });
    const { ChecksumCRC32, ETag, PartNumber } = await part(s3, id, 1, 'a');
    await expect(complete(s3, id, [{ ETag, PartNumber }])).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('missing for part 1'),
    });
    await complete(s3, id, [{ ChecksumCRC32, ETag, PartNumber }]);
  });

  it('refuse parts that are missing, changed, in disorder or too small', async () => {
    const s3 = await client();
    const id = await begin(s3);
    const [a, b] = [await part(s3, id, 1, 'a'), await part(s3, id, 2, 'b')];
    for (const [parts, name] of [
      [[a, b], 'EntityTooSmall'],
      [[b, a], 'InvalidPartOrder'],
      [[a, { ...b, PartNumber: 3 }], 'InvalidPart'],
      [[{ ...a, ETag: b.ETag }], 'InvalidPart'],
      [[{ ...a, ChecksumCRC32: 'AAAAAA==' }], 'InvalidPart'],
      [[], 'MalformedXML'],
    ] as const) {
      await expect(complete(s3, id, [...parts])).rejects.toMatchObject({ name });
    }
    await complete(s3, id, [b]);
  });

  it('are listed with their parts until they are aborted', async () => {
    const s3 = await client();
    const ids = [await begin(s3), await begin(s3), await begin(s3)];
    const [id = ''] = ids;
    for (const number of [5, 2, 9]) await part(s3, id, number, 'x'.repeat(number));
    const page = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId: id, MaxParts: 2 }));
    expect(page.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [2, 2],
      [5, 5],
    ]);
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '5' });
    const rest = await s3.send(
      new ListPartsCommand({
        Bucket,
        Key,
        UploadId: id,
        PartNumberMarker: page.NextPartNumberMarker,
      }),
    );
    expect(rest.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([9]);
    const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 2 }));
    expect(uploads.Uploads?.map(({ UploadId }) => UploadId)).toEqual(ids.slice(0, 2));
    const others = await s3.send(
      new ListMultipartUploadsCommand({
        Bucket,
        KeyMarker: uploads.NextKeyMarker,
        UploadIdMarker: uploads.NextUploadIdMarker,
      }),
    );
    expect(others.Uploads?.map(({ UploadId }) => UploadId)).toEqual(ids.slice(2));
    for (const UploadId of ids) {
      await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    }
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads).toEqual([]);
    await expect(part(s3, id, 1, 'x')).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});
