import type { S3Uri } from '@sai3bench/store-uri';
import type { S3Options } from './s3-options.ts';
import { resolveS3Region } from './s3-region.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where and how an S3 store is reached, after options and environment have had their say. */
export interface S3Endpoint {
  /** Base address of the server; undefined for AWS itself. */
  readonly url: string | undefined;
  readonly region: string;
  /** `http://host/bucket/key` rather than `http://bucket.host/key`. */
  readonly pathStyle: boolean;
  /** What decided the address, for people. */
  readonly source: string;
}

/**
 * The endpoint of a bucket: the address in the URI, else AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, else AWS. Servers
 * other than AWS are addressed path-style.
 */
export async function resolveS3Endpoint(
  uri: S3Uri,
  env: Environment,
  options: Pick<S3Options, 'region'> = {},
): Promise<S3Endpoint> {
  const region = options.region ?? (await resolveS3Region(env));
  if (uri.endpoint !== undefined) {
    return { url: uri.endpoint, region, pathStyle: true, source: 'the address' };
  }
  for (const name of ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']) {
    const url = env[name];
    if (url !== undefined && url !== '') return { url, region, pathStyle: true, source: name };
  }
  return { url: undefined, region, pathStyle: false, source: 'AWS' };
}

/** The endpoint in words: what is printed before a run. */
export async function describeS3Endpoint(uri: S3Uri, env: Environment): Promise<string> {
  const { pathStyle, region, source, url } = await resolveS3Endpoint(uri, env);
  const place = url === undefined ? `AWS region ${region}` : `${url} (from ${source})`;
  const style = pathStyle ? 'path-style' : 'virtual-host style';
  const prefix = uri.prefix === '' ? '' : `, prefix "${uri.prefix}"`;
  return `S3 at ${place}, bucket "${uri.bucket}"${prefix}, ${style}`;
}
