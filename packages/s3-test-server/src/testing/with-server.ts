import { afterEach } from '@jest/globals';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { DEFAULT_CREDENTIALS, type S3TestServer, type S3TestServerOptions } from '../index.ts';
import { startS3TestServer } from '../server/start-server.ts';
import { RawClient } from './raw-client.ts';

const closing: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server with one bucket, `bucket`, that is stopped after the test. */
export async function server(options: S3TestServerOptions = {}): Promise<S3TestServer> {
  const started = await startS3TestServer({ buckets: ['bucket'], ...options });
  closing.push(() => started.stop());
  return started;
}

/** The AWS SDK as a client of a server; it does not retry. */
export function sdk(of: S3TestServer, config: S3ClientConfig = {}): S3Client {
  const client = new S3Client({
    endpoint: of.url,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { ...DEFAULT_CREDENTIALS },
    ...config,
  });
  closing.push(() => {
    client.destroy();
  });
  return client;
}

/** A raw socket to a server. */
export async function raw(of: S3TestServer): Promise<RawClient> {
  const client = await RawClient.connect(of.host);
  closing.push(() => {
    client.close();
  });
  return client;
}

/** A request as text; `Host` and Content-Length are added. */
export function request(method: string, target: string, body = '', headers = ''): string {
  const length = body === '' && method !== 'PUT' ? '' : `Content-Length: ${body.length}\r\n`;
  return `${method} ${target} HTTP/1.1\r\nHost: test\r\n${headers}${length}\r\n${body}`;
}
