import type { Answer } from '../http/answer.ts';
import {
  checksumHeaders,
  md5Etag,
  metadataOf,
  opaqueEtag,
  storedObject,
} from '../storage/stored-object.ts';
import { checkWriteConditions } from './conditions.ts';
import { emptyAnswer, type OperationContext, versionHeader } from './operation.ts';

/** PutObject. */
export function putObject({
  nowMs,
  payload,
  request,
  settings,
  storage,
}: OperationContext): Answer {
  const bucket = storage.bucket(request.bucket);
  checkWriteConditions(request.headers, bucket.get(request.key));
  const { checksum, data, length } = payload;
  const object = storedObject({
    length,
    body: settings.keepBodies ? [data] : undefined,
    etag: settings.keepBodies ? md5Etag(data) : opaqueEtag(length),
    modifiedMs: nowMs,
    checksum,
    metadata: metadataOf(request.headers),
  });
  const version = versionHeader(bucket.put(request.key, object));
  return emptyAnswer(200, `ETag: ${object.etag}\r\n${version}${checksumHeaders(checksum)}`);
}
