import type { Answer } from '../../http/answer.ts';
import { Refusal } from '../../refusal/refusal.ts';
import { checksumHeaders, md5Etag, opaqueEtag } from '../../storage/stored-object.ts';
import type { MultipartUpload } from '../../storage/multipart-upload.ts';
import type { Checksum } from '../../payload/checksum.ts';
import { emptyAnswer, type OperationContext } from '../operation.ts';
import { findUpload } from './find-upload.ts';

/** Highest number of a part. */
const MAX_PART_NUMBER = 10_000;

/** UploadPart; a part with a number that is there already takes its place. */
export function uploadPart(context: OperationContext): Answer {
  const { nowMs, payload, request, settings, storage } = context;
  const upload = findUpload(storage.bucket(request.bucket), request);
  const number = Number(request.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER) {
    throw new Refusal('InvalidArgument', {
      message: `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`,
      details: { ArgumentName: 'partNumber' },
    });
  }
  const { checksum, data, length } = payload;
  if (settings.keepBodies) checkAlgorithm(upload, checksum);
  const etag = settings.keepBodies ? md5Etag(data) : opaqueEtag(length);
  upload.parts.set(number, {
    number,
    length,
    body: settings.keepBodies ? [data] : undefined,
    etag,
    checksum,
    modifiedMs: nowMs,
  });
  return emptyAnswer(200, `ETag: ${etag}\r\n${checksumHeaders(checksum)}`);
}

/** Where a checksum was chosen for the upload, its parts have the same; none will do where it is of the whole. */
function checkAlgorithm({ checksum: chosen }: MultipartUpload, given: Checksum | undefined): void {
  if (chosen === undefined || given?.algorithm === chosen.algorithm) return;
  if (given === undefined && chosen.type === 'FULL_OBJECT') return;
  throw new Refusal('InvalidRequest', {
    message:
      `Checksum Type mismatch occurred, expected checksum Type: ${chosen.algorithm}, ` +
      `actual checksum Type: ${given?.algorithm ?? 'null'}`,
  });
}
