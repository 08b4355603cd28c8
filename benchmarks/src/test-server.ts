import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '@sai3bench/testing';

const SERVER = fileURLToPath(
  new URL('../../packages/s3-test-server/bin/sai3bench-s3-test-server.js', import.meta.url),
);

/** Our own S3 server in a process of its own. */
export interface TestServer {
  /** What leads a client there. */
  readonly env: Readonly<Record<string, string>>;
  /** `127.0.0.1:49152` */
  readonly host: string;
  stop(): Promise<void>;
}

/** Starts the server with a bucket named "bucket". @param args more options of the program */
export async function startTestServer(...args: readonly string[]): Promise<TestServer> {
  const server: Child = startChild(process.execPath, [
    ...[SERVER, '--port', '0', '--bucket', 'bucket'],
    ...args,
  ]);
  await server.printed(/export AWS_SECRET_ACCESS_KEY=.*\n/);
  const env = Object.fromEntries(
    [...server.output().matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
  const { host } = new URL(env['AWS_ENDPOINT_URL_S3'] ?? '');
  return { env, host, stop: () => server.stop() };
}
