import { BenchError } from '@sai3bench/errors';
import type { S3Uri } from '@sai3bench/store-uri';
import type { S3Options } from './s3-options.ts';
import { resolveS3Region } from './s3-region.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type EndpointOptions = Pick<S3Options, 'addressing' | 'region'>;

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
 *
 * @throws BenchError `S3_ENDPOINT_URL` when a variable has no URL of a server
 */
export async function resolveS3Endpoint(
  uri: S3Uri,
  env: Environment,
  options: EndpointOptions = {},
): Promise<S3Endpoint> {
  const server = serverOf(uri, env);
  const region = options.region ?? (await resolveS3Region(env));
  return { ...server, region, pathStyle: isPathStyle(uri, server, options) };
}

function serverOf(uri: S3Uri, env: Environment): Pick<S3Endpoint, 'source' | 'url'> {
  if (uri.endpoint !== undefined) return { url: uri.endpoint, source: 'the address' };
  for (const name of ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']) {
    const url = env[name];
    if (url === undefined || url === '') continue;
    if (!isHttpUrl(url)) throw notAUrl(name, url);
    return { url, source: name };
  }
  return { url: undefined, source: 'AWS' };
}

/** `minio:9000` is a URL too, of the scheme `minio`. */
function isHttpUrl(text: string): boolean {
  return ['http:', 'https:'].includes(URL.parse(text)?.protocol ?? '');
}

function notAUrl(name: string, value: string): BenchError {
  const address = value.includes('://') ? 'http://10.0.0.1:9000' : `http://${value}`;
  return new BenchError(`${name} is "${value}", which is not the URL of a server`, {
    code: 'S3_ENDPOINT_URL',
    class: 'config',
    hint: `write it with http:// or https:// where the agent runs: ${name}=${address}`,
  });
}

function isPathStyle(
  { bucket }: S3Uri,
  { url }: Pick<S3Endpoint, 'url'>,
  { addressing }: EndpointOptions,
): boolean {
  // The certificate of AWS covers one label before its own name: a bucket with dots has more.
  if (url === undefined && bucket.includes('.')) return true;
  return addressing === undefined ? url !== undefined : addressing === 'path';
}

/** The endpoint in words: what is printed before a run. */
export async function describeS3Endpoint(
  uri: S3Uri,
  env: Environment,
  options?: EndpointOptions,
): Promise<string> {
  const { pathStyle, region, source, url } = await resolveS3Endpoint(uri, env, options);
  const place =
    url === undefined ? `AWS region ${region}` : `${url} (from ${source}), region ${region}`;
  const style = pathStyle ? 'path-style' : 'virtual-host style';
  const prefix = uri.prefix === '' ? '' : `, prefix "${uri.prefix}"`;
  return `S3 at ${place}, bucket "${uri.bucket}"${prefix}, ${style}`;
}
