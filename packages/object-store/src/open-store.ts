import { parseStoreUri } from '@sai3bench/store-uri';
import { AsyncFileStore } from './file/async-file-store.ts';
import { OverlappingFileStore } from './file/overlapping-file-store.ts';
import { SyncFileStore } from './file/sync-file-store.ts';
import { NullStore } from './null/null-store.ts';
import { resolveS3Endpoint } from './s3/s3-endpoint.ts';
import { FastS3Store } from './s3/fast-s3-store.ts';
import type { ObjectStore, StoreOptions } from './object-store.ts';

/**
 * Opens the store at an address. Nothing is contacted or created yet. The SDK is loaded only when it is
 * asked for: it takes a third of a second in every thread.
 *
 * @throws BenchError `STORE_URI` when the address cannot be understood
 */
export async function openStore(uri: string, options: StoreOptions): Promise<ObjectStore> {
  const parsed = parseStoreUri(uri);
  switch (parsed.scheme) {
    case 's3': {
      const endpoint = await resolveS3Endpoint(parsed, options.env, options.s3);
      if (options.s3?.transport !== 'sdk') return new FastS3Store(uri, parsed, endpoint, options);
      const { SdkS3Store } = await import('./s3/sdk-s3-store.ts');
      return new SdkS3Store(uri, parsed, endpoint, options);
    }
    case 'file':
    case 'direct':
      if (options.fileMode === 'async') return new AsyncFileStore(uri, parsed, options);
      return parsed.scheme === 'direct'
        ? new OverlappingFileStore(uri, parsed, options)
        : new SyncFileStore(uri, parsed, options);
    case 'null':
      return new NullStore(options);
  }
}
