import { describe, expect, it } from '@jest/globals';
import { parseStoreUri } from '@sai3bench/store-uri';
import { type S3Server, s3ServerOf } from './s3-server.ts';

async function serverOf(address: string, options = {}): Promise<S3Server> {
  const uri = parseStoreUri(address);
  if (uri.scheme !== 's3') throw new RangeError(`${address} is not one of S3`);
  return s3ServerOf(uri, { AWS_REGION: 'eu-west-1' }, options);
}

describe('s3ServerOf()', () => {
  it('finds AWS in the region of the environment', async () => {
    expect(await serverOf('s3://bucket/')).toMatchObject({
      hostname: 'bucket.s3.eu-west-1.amazonaws.com',
      port: 443,
      bucketPath: '/',
      tls: { servername: 'bucket.s3.eu-west-1.amazonaws.com' },
    });
  });

  it('finds a server of its own, without TLS', async () => {
    expect(await serverOf('s3://10.0.0.1:9000/bucket/p/')).toEqual({
      ...{ hostname: '10.0.0.1', port: 9000, host: '10.0.0.1:9000' },
      ...{ bucketPath: '/bucket', tls: undefined },
    });
  });

  it('takes the brackets off an address, and asks for no name', async () => {
    const { hostname, tls } = await serverOf('s3+https://[::1]:9443/bucket/');
    expect(hostname).toBe('::1');
    expect(tls).not.toHaveProperty('servername');
  });
});
