import { access } from 'node:fs/promises';
import { BenchError, systemCode } from '@sai3bench/errors';
import { isFileUri, type StoreUri } from '@sai3bench/store-uri';

/**
 * Does something at a file system that may not be mounted: there nothing is found, which says nothing of the objects.
 *
 * @param isMissing whether a result says that something is not there
 * @throws BenchError `FILE_ROOT_MISSING` of class not-found when something is not there, and its file system is not
 *   either; else what `act` throws
 */
export async function atMount<Result>(
  uri: StoreUri,
  act: () => Promise<Result>,
  isMissing: (result: Result) => boolean = () => false,
): Promise<Result> {
  try {
    const result = await act();
    if (isMissing(result)) await requireMount(uri);
    return result;
  } catch (error) {
    if (BenchError.is(error) && error.class === 'not-found') await requireMount(uri);
    throw error;
  }
}

async function requireMount(uri: StoreUri): Promise<void> {
  if (!isFileUri(uri)) return;
  try {
    await access(uri.path);
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') return;
    throw new BenchError(`${uri.path} does not exist`, {
      code: 'FILE_ROOT_MISSING',
      class: 'not-found',
      key: uri.path,
      hint: 'check the address and the mount',
      cause,
    });
  }
}
