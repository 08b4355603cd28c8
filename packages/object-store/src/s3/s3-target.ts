import type { S3Uri } from '@sai3bench/store-uri';
import type { S3Endpoint } from './s3-endpoint.ts';
import { encodePath } from './sigv4/uri-encode.ts';

/** Where requests for a bucket go. */
export interface S3Target {
  readonly secure: boolean;
  /** To connect to. */
  readonly hostname: string;
  readonly port: number;
  /** The Host field: with the port, unless it is the usual one. */
  readonly host: string;
  /** Path of the bucket itself. */
  readonly bucketPath: string;
  /** What is put before the encoded key. */
  readonly keyPath: string;
}

/** Where a bucket is at its server. */
export function s3Target(uri: S3Uri, endpoint: S3Endpoint): S3Target {
  const { pathStyle } = endpoint;
  const url = new URL(
    endpoint.url ?? `https://s3.${endpoint.region}.amazonaws.com${awsSuffix(endpoint.region)}`,
  );
  const secure = url.protocol === 'https:';
  const before = pathStyle ? '' : `${uri.bucket}.`;
  const basePath =
    url.pathname.replace(/\/+$/, '') + (pathStyle ? `/${encodePath(uri.bucket)}` : '');
  return {
    secure,
    hostname: before + url.hostname,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: before + url.host,
    bucketPath: basePath === '' ? '/' : basePath,
    keyPath: `${basePath}/${encodePath(uri.prefix)}`,
  };
}

/** The name that the hosts of an endpoint have or end with. */
export function endpointDomain({ region, url }: Pick<S3Endpoint, 'region' | 'url'>): string {
  return url === undefined ? `amazonaws.com${awsSuffix(region)}` : new URL(url).hostname;
}

function awsSuffix(region: string): string {
  return region.startsWith('cn-') ? '.cn' : '';
}
