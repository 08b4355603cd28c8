import { BenchError } from '@sai3bench/errors';

/** An S3 bucket, or part of one, at some endpoint. */
export interface S3Uri {
  readonly scheme: 's3';
  /**
   * Base address of the server (`http://10.0.0.1:9000`); undefined when the URI names only a bucket, and
   * the endpoint comes from AWS_ENDPOINT_URL or is AWS itself.
   */
  readonly endpoint: string | undefined;
  readonly bucket: string;
  /** Put before every key: empty, or ending with `/`. */
  readonly prefix: string;
}

/** A directory of a mounted file system. */
export interface FileUri {
  /** `direct`: read and written past the page cache. */
  readonly scheme: 'file' | 'direct';
  /** Absolute path, ending with `/`. */
  readonly path: string;
}

/** A store that does nothing, for measuring the tool itself. */
export interface NullUri {
  readonly scheme: 'null';
}

export type StoreUri = S3Uri | FileUri | NullUri;

/** Whether an address is one of files. */
export function isFileUri(uri: StoreUri): uri is FileUri {
  return uri.scheme === 'file' || uri.scheme === 'direct';
}

/** Schemes of the peer that name storage which is not supported yet. */
const UNSUPPORTED = ['az', 'azure', 'gs', 'gcs'];

/**
 * Understands the address of a place to keep objects.
 *
 * `s3://host[:port]/bucket/prefix/` when the first part is an IP address, `localhost` or has a port (plain
 * http, or https on port 443); `s3+http://` and `s3+https://` say that the first part is a host whatever it
 * looks like; otherwise `s3://bucket/prefix/`. `file:///absolute/path/`, `direct:///absolute/path/`. `null:`.
 *
 * @throws BenchError `STORE_URI` when the text is not such an address
 */
export function parseStoreUri(text: string): StoreUri {
  if (/^null:(\/\/)?/.test(text)) return { scheme: 'null' };
  const match = /^([a-z][a-z0-9+]*):\/\/(.*)$/i.exec(text);
  if (match === null)
    throw invalid(text, 'it does not start with s3://, file://, direct:// or null:');
  const scheme = match[1]?.toLowerCase() ?? '';
  const rest = match[2] ?? '';
  switch (scheme) {
    case 'file':
    case 'direct':
      return parseFileUri(text, scheme, rest);
    case 's3':
    case 's3+http':
    case 's3+https':
      return parseS3Uri(text, scheme, rest);
    default:
      throw UNSUPPORTED.includes(scheme)
        ? invalid(text, `storage of type ${scheme}:// is not supported yet`)
        : invalid(text, `${scheme}:// is not a known type of storage`);
  }
}

function parseFileUri(text: string, scheme: FileUri['scheme'], path: string): FileUri {
  if (!path.startsWith('/')) {
    throw invalid(
      text,
      `a file address needs an absolute path: three slashes, as in ${scheme}:///mnt/x/`,
    );
  }
  if (path.split('/').includes('..')) throw invalid(text, 'the path must not contain ".."');
  if (path.includes('\0')) throw invalid(text, 'the path contains a NUL character');
  return { scheme, path: withSlash(path.replaceAll(/\/{2,}/g, '/')) };
}

function parseS3Uri(text: string, scheme: string, rest: string): S3Uri {
  const [first = '', ...others] = rest.split('/');
  if (first.includes('@')) throw invalid(text, 'credentials do not belong in an address');
  if (first === '') throw invalid(text, 'the bucket is missing');
  if (scheme === 's3' && !looksLikeHost(first)) {
    return { scheme: 's3', endpoint: undefined, bucket: first, prefix: prefixOf(others) };
  }
  const [bucket = '', ...key] = others;
  if (bucket === '') throw invalid(text, `the bucket is missing after the host "${first}"`);
  const secure = scheme === 's3+https' || (scheme === 's3' && first.endsWith(':443'));
  const endpoint = `${secure ? 'https' : 'http'}://${first}`;
  if (!URL.canParse(endpoint)) throw invalid(text, `"${first}" is not a host`);
  return { scheme: 's3', endpoint, bucket, prefix: prefixOf(key) };
}

/** An IPv4 or bracketed IPv6 address, `localhost`, or anything with a port. */
function looksLikeHost(part: string): boolean {
  return (
    part === 'localhost' ||
    /:\d+$/.test(part) ||
    /^\[[0-9a-f:.]+\]$/i.test(part) ||
    /^\d{1,3}(\.\d{1,3}){3}$/.test(part)
  );
}

function prefixOf(parts: readonly string[]): string {
  const joined = parts.join('/');
  return joined === '' ? '' : withSlash(joined);
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

function invalid(text: string, why: string): BenchError {
  return new BenchError(`"${withoutUserInfo(text)}" is not a storage address: ${why}`, {
    code: 'STORE_URI',
    class: 'config',
    hint: 'write s3://bucket/prefix/, s3://host:port/bucket/prefix/, file:///directory/, direct:///directory/ or null:',
  });
}

/** What may be printed of an address that somebody put credentials into. */
function withoutUserInfo(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//***@');
}
