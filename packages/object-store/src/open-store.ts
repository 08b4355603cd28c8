import { parseStoreUri } from '@sai3bench/store-uri';
import { AsyncFileStore } from './file/async-file-store.ts';
import { SyncFileStore } from './file/sync-file-store.ts';
import { NullStore } from './null/null-store.ts';
import { resolveS3Endpoint } from './s3/s3-endpoint.ts';
import type { ObjectStore, StoreOptions } from './object-store.ts';

/**
 * Opens the store at an address. Nothing is contacted or created yet. The SDK is loaded only for S3: it takes a third
 * of a second in every thread.
 *
 * @throws BenchError `STORE_URI` when the address cannot be understood
 */
export async function openStore(uri: string, options: StoreOptions): Promise<ObjectStore> {
  const parsed = parseStoreUri(uri);
  switch (parsed.scheme) {
    case 's3': {
      const { SdkS3Store } = await import('./s3/sdk-s3-store.ts');
      return new SdkS3Store(uri, parsed, await resolveS3Endpoint(parsed, options.env), options);
    }
    case 'file':
      return options.fileMode === 'sync'
        ? new SyncFileStore(uri, parsed.path, options)
        : new AsyncFileStore(uri, parsed.path, options);
    case 'null':
      return new NullStore(options);
  }
}
