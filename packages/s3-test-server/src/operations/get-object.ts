import type { Answer } from '../http/answer.ts';
import { NO_BODY, sliceBody } from '../http/body.ts';
import { checksumHeaders, objectBody } from '../storage/stored-object.ts';
import { parseRange } from './byte-range.ts';
import { checkReadConditions } from './conditions.ts';
import { findObject } from './find-object.ts';
import { emptyAnswer, type OperationContext, versionHeader } from './operation.ts';

/** GetObject, of all or of one range, of the newest version or of one that is named. */
export function getObject({ request, storage }: OperationContext): Answer {
  const { headers } = request;
  const { object, versionId } = findObject(storage.bucket(request.bucket), request);
  const lines = object.headers + versionHeader(versionId);
  if (checkReadConditions(headers, object) === 'unchanged') {
    return emptyAnswer(304, lines);
  }
  const range = parseRange(headers.get('range'), object.length);
  if (range === undefined) {
    const wanted = headers.get('x-amz-checksum-mode') === 'ENABLED';
    const checksum = wanted ? checksumHeaders(object.checksum) : '';
    return { status: 200, headers: lines + checksum, body: objectBody(object) };
  }
  const { end, start } = range;
  return {
    status: 206,
    headers: `${lines}Content-Range: bytes ${start}-${end - 1}/${object.length}\r\n`,
    body: sliceBody(objectBody(object), start, end),
  };
}

/** HeadObject: what GetObject answers, without the body. */
export function headObject(context: OperationContext): Answer {
  const answer = getObject(context);
  const contentLength = answer.body.reduce((sum, { length }) => sum + length, 0);
  return { ...answer, body: NO_BODY, contentLength };
}
