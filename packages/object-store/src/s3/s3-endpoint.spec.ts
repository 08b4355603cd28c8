import { describe, expect, it } from '@jest/globals';
import { parseStoreUri, type S3Uri } from '@sai3bench/store-uri';
import { describeS3Endpoint, resolveS3Endpoint } from './s3-endpoint.ts';

const s3 = (uri: string): S3Uri => parseStoreUri(uri) as S3Uri;

describe('resolveS3Endpoint()', () => {
  it('takes the host of the address before the environment', async () => {
    const env = { AWS_ENDPOINT_URL: 'http://other:1', AWS_REGION: 'eu-west-1' };
    expect(await resolveS3Endpoint(s3('s3://10.0.0.1:9000/b/'), env)).toMatchObject({
      url: 'http://10.0.0.1:9000',
      pathStyle: true,
    });
  });

  it('honours AWS_ENDPOINT_URL for an address that names only a bucket', async () => {
    const env = { AWS_ENDPOINT_URL: 'http://minio:9000', AWS_REGION: 'eu-west-1' };
    expect(await resolveS3Endpoint(s3('s3://b/'), env)).toEqual({
      url: 'http://minio:9000',
      region: 'eu-west-1',
      pathStyle: true,
      source: 'AWS_ENDPOINT_URL',
    });
  });

  it('prefers the variable that is for S3 alone', async () => {
    const env = {
      AWS_ENDPOINT_URL: 'http://a',
      AWS_ENDPOINT_URL_S3: 'http://b',
      AWS_REGION: 'eu-west-1',
    };
    expect(await resolveS3Endpoint(s3('s3://b/'), env)).toMatchObject({ url: 'http://b' });
  });

  it('means AWS itself otherwise', async () => {
    expect(await resolveS3Endpoint(s3('s3://b/'), { AWS_REGION: 'eu-west-1' })).toEqual({
      url: undefined,
      region: 'eu-west-1',
      pathStyle: false,
      source: 'AWS',
    });
  });

  it('believes an option before the environment', async () => {
    const env = { AWS_REGION: 'eu-west-1' };
    expect(await resolveS3Endpoint(s3('s3://b/'), env, { region: 'eu-west-9' })).toMatchObject({
      region: 'eu-west-9',
    });
  });

  it.each([
    ['s3://b/', {}, false],
    ['s3://b/', { addressing: 'path' }, true],
    ['s3://my.dotted.bucket/', { addressing: 'virtual-host' }, true],
    ['s3://10.0.0.1/b/', { addressing: 'virtual-host' }, false],
  ] as const)('addresses %s with %j path-style: %s', async (uri, options, pathStyle) => {
    const env = { AWS_REGION: 'eu-west-1' };
    expect(await resolveS3Endpoint(s3(uri), env, options)).toMatchObject({ pathStyle });
  });

  it.each([
    ['10.0.0.1:9000', 'AWS_ENDPOINT_URL=http://10.0.0.1:9000'],
    ['minio:9000', 'AWS_ENDPOINT_URL=http://minio:9000'],
    ['minio', 'AWS_ENDPOINT_URL=http://minio'],
    ['s3://minio:9000', 'AWS_ENDPOINT_URL=http://'],
    ['http://', 'AWS_ENDPOINT_URL=http://'],
  ])('refuses %s as the URL of a server, and says what to write', async (url, hint) => {
    await expect(resolveS3Endpoint(s3('s3://b/'), { AWS_ENDPOINT_URL: url })).rejects.toMatchObject(
      {
        code: 'S3_ENDPOINT_URL',
        class: 'config',
        message: `AWS_ENDPOINT_URL is "${url}", which is not the URL of a server`,
        hint: expect.stringContaining(hint),
      },
    );
  });

  it('is described in words', async () => {
    expect(await describeS3Endpoint(s3('s3://10.0.0.1/b/p/'), { AWS_REGION: 'eu-west-1' })).toBe(
      'S3 at http://10.0.0.1 (from the address), region eu-west-1, bucket "b", prefix "p/", path-style',
    );
    const options = { addressing: 'path', region: 'eu-west-9' } as const;
    expect(await describeS3Endpoint(s3('s3://b/'), { AWS_REGION: 'eu-west-1' }, options)).toBe(
      'S3 at AWS region eu-west-9, bucket "b", path-style',
    );
  });
});
