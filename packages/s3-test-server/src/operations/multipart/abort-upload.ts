import type { Answer } from '../../http/answer.ts';
import { emptyAnswer, type OperationContext } from '../operation.ts';
import { findUpload } from './find-upload.ts';

/** AbortMultipartUpload: the parts are gone. */
export function abortMultipartUpload({ request, storage }: OperationContext): Answer {
  const bucket = storage.bucket(request.bucket);
  bucket.uploads.delete(findUpload(bucket, request).id);
  return emptyAnswer(204);
}
