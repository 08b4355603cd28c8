import { BenchError } from '@sai3bench/errors';
import type { UnfinishedUpload } from '@sai3bench/object-store';

/** Code of the error that says that an unfinished upload is left. */
export const NOT_ABORTED = 'UPLOAD_NOT_ABORTED';

/** Says that an unfinished upload is left, and why. */
export function uploadLeft({ key, uploadId }: UnfinishedUpload, cause: BenchError): BenchError {
  return new BenchError(`the unfinished upload ${uploadId} of ${key} could not be aborted`, {
    code: NOT_ABORTED,
    class: cause.class,
    key,
    cause,
    hint: cause.class === 'permission' ? 'grant s3:AbortMultipartUpload' : cause.hint,
  });
}
