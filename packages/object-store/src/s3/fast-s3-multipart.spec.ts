import { afterEach, describe, expect, it } from '@jest/globals';
import { content, md5 } from '../testing/content.ts';
import { CONTENT, FaultyServer } from '../testing/faulty-server.ts';
import { failure, S3Fixture } from '../testing/s3-fixture.ts';
import { answer } from '../testing/scripted-server.ts';
import type { MultipartPlan } from './operations/multipart-upload.ts';
import type { UnfinishedUpload } from './operations/orphan-uploads.ts';
import type { PayloadProtection } from './s3-options.ts';

const faulty = new FaultyServer();

const fixture = new S3Fixture();

afterEach(async () => {
  fixture.close();
  await faulty.stop();
});

const BYTES = content(2_500_000);
const PART_BYTES = 1_000_000;
const SMALL_PARTS = { minPartBytes: 1 };

function plan(key: string, bytes = BYTES): MultipartPlan {
  return {
    key,
    sizeBytes: bytes.length,
    partBytes: PART_BYTES,
    parallel: 2,
    payloadOf: (part) => ({
      chunk: (offset, length) =>
        bytes.subarray(part * PART_BYTES).subarray(offset, offset + length),
    }),
  };
}

/** How many uploads the server has that were begun and never ended. */
async function orphans(): Promise<number> {
  return faulty.store.abortOrphans('', () => true);
}

describe('FastS3Store.uploadMultipart()', () => {
  it.each<PayloadProtection>(['unsigned', 'signed', 'crc32c', 'crc64nvme', 'sha256'])(
    'uploads an object in parts (%s)',
    async (payload) => {
      await faulty.start({ payload }, SMALL_PARTS);
      await faulty.store.uploadMultipart(plan('a big/ü+%'));
      expect(BYTES.equals(await faulty.client.get('a big/ü+%'))).toBe(true);
      expect(faulty.server.stats().requests.byOperation.UploadPart).toBe(3);
      expect(await orphans()).toBe(0);
    },
  );

  it.each(['crc32c', 'crc64nvme', 'sha256'] as const)(
    'says at the beginning that parts will come with their checksums (%s)',
    async (payload) => {
      await faulty.start({ payload }, SMALL_PARTS);
      await faulty.store.uploadMultipart(plan('big'));
      const begun = faulty.server.requests().find(({ target }) => target.endsWith('?uploads='));
      expect(begun?.headers.get('x-amz-checksum-algorithm')).toBe(payload.toUpperCase());
    },
  );

  it.each([0, 1, PART_BYTES, PART_BYTES + 1])('uploads %d bytes', async (length) => {
    await faulty.start({}, SMALL_PARTS);
    await faulty.store.uploadMultipart(plan('big', content(length)));
    expect(md5(await faulty.client.get('big'))).toBe(md5(content(length)));
  });

  it.each([
    ['CreateMultipartUpload', { kind: 'error', code: 'AccessDenied' }, 'S3_AccessDenied'],
    ['UploadPart', { kind: 'error', code: 'SlowDown' }, 'S3_SlowDown'],
    ['UploadPart', { kind: 'reset-request', afterBodyBytes: 1_000 }, undefined],
    ['CompleteMultipartUpload', { kind: 'error', code: 'InternalError' }, 'S3_InternalError'],
    [
      'CompleteMultipartUpload',
      { kind: 'error', code: 'InternalError', status: 200 },
      'S3_InternalError',
    ],
  ] as const)('leaves nothing behind when %s fails (%j)', async (operation, fault, code) => {
    await faulty.start({}, SMALL_PARTS);
    faulty.strike(fault, { operation });
    const error = await failure(faulty.store.uploadMultipart(plan('big')));
    if (code === undefined) expect(error.class).toBe('network');
    else expect(error.code).toBe(code);
    expect(await faulty.recovers()).toBe(true);
    expect(await orphans()).toBe(0);
    expect(await failure(faulty.client.get('big'))).toMatchObject({ code: 'S3_NoSuchKey' });
  });

  it('is refused by servers to which its parts are too small', async () => {
    await faulty.start();
    const error = await failure(faulty.store.uploadMultipart(plan('big')));
    expect(error.code).toBe('S3_EntityTooSmall');
    expect(await orphans()).toBe(0);
  });
});

describe('FastS3Store.abortOrphans()', () => {
  /** Begins uploads that never end. */
  async function leave(keys: readonly string[]): Promise<void> {
    const rules = [
      { operation: 'UploadPart' as const, code: 'SlowDown' as const },
      { operation: 'AbortMultipartUpload' as const, code: 'InternalError' as const },
    ];
    for (const { code, operation } of rules) faulty.strike({ kind: 'error', code }, { operation });
    for (const key of keys) await failure(faulty.store.uploadMultipart(plan(key, CONTENT)));
    faulty.server.faults.clear();
  }

  it('gives up what was begun below a prefix and never ended, page after page', async () => {
    await faulty.start({}, SMALL_PARTS);
    const old = Array.from({ length: 1_005 }, (_, index) => `old/${String(index % 7)} +&`);
    await leave([...old, 'other']);
    const all = (): boolean => true;
    expect(await faulty.store.abortOrphans('old/', all)).toBe(1_005);
    expect(await faulty.store.abortOrphans('old/', all)).toBe(0);
    expect(await faulty.store.abortOrphans('', all)).toBe(1);
  });

  it('leaves uploads alone that are not said to be own', async () => {
    const nowMs = Date.now();
    await faulty.start({}, { ...SMALL_PARTS, now: () => nowMs });
    await leave(['a', 'b', 'a']);
    const seen: UnfinishedUpload[] = [];
    const note = (upload: UnfinishedUpload): false => {
      seen.push(upload);
      return false;
    };
    expect(await faulty.store.abortOrphans('', note)).toBe(0);
    expect(seen.map(({ key, initiatedMs }) => [key, initiatedMs])).toEqual(
      ['a', 'a', 'b'].map((key) => [key, nowMs]),
    );
    const known = seen[1]?.uploadId;
    const isKnown = ({ uploadId }: UnfinishedUpload): boolean => uploadId === known;
    expect(await faulty.store.abortOrphans('', isKnown)).toBe(1);
    expect(await orphans()).toBe(2);
  });

  it('tells of each upload, and goes on with others when one cannot be given up', async () => {
    await faulty.start({}, SMALL_PARTS);
    await leave(['a', 'b', 'c']);
    faulty.strike(
      { kind: 'error', code: 'AccessDenied' },
      { operation: 'AbortMultipartUpload', key: 'b' },
    );
    const told: [string, string | undefined][] = [];
    const aborted = await faulty.store.abortOrphans(
      '',
      () => true,
      ({ key }, error) => told.push([key, error?.code]),
    );
    expect(aborted).toBe(2);
    expect(told.toSorted()).toEqual([
      ['a', undefined],
      ['b', 'S3_AccessDenied'],
      ['c', undefined],
    ]);
    expect(await failure(orphans())).toMatchObject({ code: 'S3_AccessDenied' });
  });

  it('reads keys that are written as in URLs, and touches none that is not below the prefix', async () => {
    const upload = (key: string): string =>
      `<Upload><Key>${key}</Key><UploadId>1</UploadId></Upload>`;
    const page = (keys: string[], more: string): string =>
      `<ListMultipartUploadsResult><EncodingType>url</EncodingType>${more}${keys.map(upload).join('')}</ListMultipartUploadsResult>`;
    await fixture.serve(({ head }) => {
      if (head.startsWith('DELETE')) return answer(204);
      return head.includes('key-marker=p%2Fa%20%2B')
        ? answer(200, page(['p%2Fc'], '<IsTruncated>false</IsTruncated>'))
        : answer(
            200,
            page(
              ['p%2Fa+%2B', 'q%2Fa', 'p/b'],
              '<IsTruncated>true</IsTruncated><NextKeyMarker>p%2Fa+%2B</NextKeyMarker><NextUploadIdMarker>1</NextUploadIdMarker>',
            ),
          );
    });
    const keys: string[] = [];
    const store = await fixture.open();
    const aborted = await store.abortOrphans('', ({ key }) => {
      keys.push(key);
      return key === 'a +';
    });
    expect([aborted, keys]).toEqual([1, ['a +', 'b', 'c']]);
    const [deleted] = fixture.server.requests.filter(({ head }) => head.startsWith('DELETE'));
    expect(deleted?.head).toContain('DELETE /bucket/p/a%20%2B?uploadId=1 ');
  });

  it('does not mind an upload that has ended meanwhile', async () => {
    await faulty.start({}, SMALL_PARTS);
    await leave(['a', 'b']);
    faulty.strike(
      { kind: 'error', code: 'NoSuchUpload' },
      { operation: 'AbortMultipartUpload', times: 1 },
    );
    expect(await orphans()).toBe(1);
  });
});
