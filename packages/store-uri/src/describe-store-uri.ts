import type { StoreUri } from './store-uri.ts';

/** How an address was understood, in words: what is printed before a run. */
export function describeStoreUri(uri: StoreUri): string {
  switch (uri.scheme) {
    case 's3': {
      const place = uri.endpoint ?? 'AWS_ENDPOINT_URL, or AWS when that is not set';
      const prefix = uri.prefix === '' ? 'no prefix' : `prefix "${uri.prefix}"`;
      return `S3 at ${place}, bucket "${uri.bucket}", ${prefix}`;
    }
    case 'file':
      return `files below ${uri.path}`;
    case 'direct':
      return `files below ${uri.path}, past the page cache (O_DIRECT)`;
    case 'null':
      return 'no storage: operations do nothing, to measure the tool itself';
  }
}
