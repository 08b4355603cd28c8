import type { Answer } from '../http/answer.ts';
import { emptyAnswer, type OperationContext, versionHeader } from './operation.ts';

/** DeleteObject, or one version of it; what is not there is deleted just as well. */
export function deleteObject({ nowMs, request, storage }: OperationContext): Answer {
  const { key, query } = request;
  const bucket = storage.bucket(request.bucket);
  const version = query.get('versionId');
  const { isMarker, versionId } =
    version === undefined ? bucket.delete(key, nowMs) : bucket.deleteVersion(key, version);
  const marker = isMarker ? 'x-amz-delete-marker: true\r\n' : '';
  return emptyAnswer(204, versionHeader(versionId) + marker);
}
