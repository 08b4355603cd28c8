import { describe, expect, it } from '@jest/globals';
import { describeStoreUri } from './describe-store-uri.ts';
import { parseStoreUri } from './store-uri.ts';

describe('parseStoreUri()', () => {
  it.each([
    ['s3://bucket', undefined, 'bucket', ''],
    ['s3://bucket/a/b', undefined, 'bucket', 'a/b/'],
    ['s3://my.dotted.bucket/x/', undefined, 'my.dotted.bucket', 'x/'],
    ['s3://10.9.0.21/sai3-bucket1/', 'http://10.9.0.21', 'sai3-bucket1', ''],
    ['s3://127.0.0.1:9000/b/p/', 'http://127.0.0.1:9000', 'b', 'p/'],
    ['s3://localhost/b', 'http://localhost', 'b', ''],
    ['s3://minio:9000/b', 'http://minio:9000', 'b', ''],
    ['s3://minio:443/b', 'https://minio:443', 'b', ''],
    ['s3://[::1]/b/', 'http://[::1]', 'b', ''],
    ['s3://[::1]:9000/b/', 'http://[::1]:9000', 'b', ''],
    ['s3+http://minio.example.com/b/', 'http://minio.example.com', 'b', ''],
    ['s3+https://minio.example.com/b/p', 'https://minio.example.com', 'b', 'p/'],
    ['S3://bucket/', undefined, 'bucket', ''],
  ])('understands %s', (text, endpoint, bucket, prefix) => {
    expect(parseStoreUri(text)).toEqual({ scheme: 's3', endpoint, bucket, prefix });
  });

  it('understands file addresses and the null store', () => {
    expect(parseStoreUri('file:///mnt//data')).toEqual({ scheme: 'file', path: '/mnt/data/' });
    expect(parseStoreUri('direct:///mnt/x')).toEqual({ scheme: 'direct', path: '/mnt/x/' });
    expect(parseStoreUri('null:')).toEqual({ scheme: 'null' });
    expect(parseStoreUri('null://')).toEqual({ scheme: 'null' });
  });

  it.each([
    ['/mnt/data', 'does not start with'],
    ['file://mnt/data', 'three slashes'],
    ['file:///mnt/../etc', '".."'],
    ['s3://', 'bucket is missing'],
    ['s3://10.0.0.1/', 'bucket is missing after the host'],
    ['s3+http://minio.example.com', 'bucket is missing after the host'],
    ['s3://minio:99999/b', 'not a host'],
    ['direct://mnt/x/', 'as in direct:///mnt/x/'],
    ['az://container/', 'not supported yet'],
    ['http://x/', 'not a known type'],
  ])('refuses %s and says why', (text, why) => {
    expect(() => parseStoreUri(text)).toThrow(
      expect.objectContaining({ code: 'STORE_URI', message: expect.stringContaining(why) }),
    );
  });

  it('refuses credentials in an address without repeating them', () => {
    try {
      parseStoreUri('s3://AKIA:hunter2@10.0.0.1/b/');
      throw new Error('not reached');
    } catch (error) {
      expect(String(error)).toContain('credentials do not belong');
      expect(String(error)).not.toContain('hunter2');
    }
  });
});

describe('describeStoreUri()', () => {
  it.each([
    ['s3://127.0.0.1:9000/b/p/', 'S3 at http://127.0.0.1:9000, bucket "b", prefix "p/"'],
    ['s3://b/', 'S3 at AWS_ENDPOINT_URL, or AWS when that is not set, bucket "b", no prefix'],
    ['file:///mnt/x', 'files below /mnt/x/'],
    ['direct:///mnt/x', 'files below /mnt/x/, past the page cache (O_DIRECT)'],
    ['null:', 'no storage: operations do nothing, to measure the tool itself'],
  ])('says how %s was understood', (text, words) => {
    expect(describeStoreUri(parseStoreUri(text))).toBe(words);
  });
});
