import { Refusal } from '../../refusal/refusal.ts';
import type { Bucket } from '../../storage/bucket.ts';
import type { MultipartUpload } from '../../storage/multipart-upload.ts';
import type { S3Request } from '../operation.ts';

/** The upload that a request names. @throws Refusal NoSuchUpload */
export function findUpload(bucket: Bucket, { key, query }: S3Request): MultipartUpload {
  const id = query.get('uploadId') ?? '';
  const upload = bucket.uploads.get(id);
  if (upload?.key !== key) throw new Refusal('NoSuchUpload', { details: { UploadId: id } });
  return upload;
}
