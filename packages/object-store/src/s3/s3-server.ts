import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { S3Uri } from '@sai3bench/store-uri';
import { tlsConnectionOptions } from './http/tls-options.ts';
import { resolveS3Endpoint } from './s3-endpoint.ts';
import type { S3Options } from './s3-options.ts';
import { s3Target } from './s3-target.ts';

/** The server of a bucket, for who looks at the way to it step by step. */
export interface S3Server {
  /** A name, or an address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The Host field of requests. */
  readonly host: string;
  /** Path of the bucket itself. */
  readonly bucketPath: string;
  /** How TLS is spoken; undefined where it is not. */
  readonly tls: ConnectionOptions | undefined;
}

/**
 * The server that requests for a bucket go to, as a store at the address would.
 *
 * @throws BenchError `S3_ENDPOINT_URL` when a variable has no URL of a server
 */
export async function s3ServerOf(
  uri: S3Uri,
  env: Readonly<Record<string, string | undefined>>,
  options: S3Options = {},
): Promise<S3Server> {
  const { bucketPath, host, hostname, port, secure } = s3Target(
    uri,
    await resolveS3Endpoint(uri, env, options),
  );
  const name = hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = tlsConnectionOptions(options.tls ?? {}, name, isIP(name) !== 0);
  return { hostname: name, port, host, bucketPath, tls: secure ? tls : undefined };
}
