import type { PayloadSource, StoreRequest } from '../../store-request.ts';
import type { MultipartSettings } from '../s3-options.ts';
import { type MultipartPlan, uploadMultipart } from './multipart-upload.ts';
import type { S3Context } from './s3-context.ts';

/** As many parts as S3 takes. */
const MAX_PARTS = 10_000;
const MIB = 1024 * 1024;

/** Whether a request is a PUT of an object that goes in parts. */
export function goesInParts(
  { operation, payload, sizeBytes }: StoreRequest,
  { thresholdBytes }: MultipartSettings,
): boolean {
  return operation === 'PUT' && payload !== undefined && sizeBytes > thresholdBytes;
}

/** PUT of a large object: an upload in parts. Its answer is in the request, but for its end. */
export async function putInParts(
  context: S3Context,
  request: StoreRequest,
  settings: MultipartSettings,
): Promise<void> {
  const { payload } = request;
  if (payload === undefined) return;
  await uploadMultipart(context, planOf(request, payload, settings), request);
  request.bytes = request.sizeBytes;
}

function planOf(
  { key, sizeBytes }: StoreRequest,
  payload: PayloadSource,
  { parallel, partBytes: wanted }: MultipartSettings,
): MultipartPlan {
  const fits = wanted * MAX_PARTS >= sizeBytes;
  const partBytes = fits ? wanted : Math.ceil(sizeBytes / MAX_PARTS / MIB) * MIB;
  const canFork = payload.lane !== undefined;
  return {
    ...{ key, sizeBytes, partBytes },
    parallel: canFork ? parallel : 1,
    payloadOf: (part, lane) => {
      const source = payload.lane?.(lane) ?? payload;
      return { chunk: (offset, length) => source.chunk(part * partBytes + offset, length) };
    },
  };
}
