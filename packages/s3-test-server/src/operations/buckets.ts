import type { Answer } from '../http/answer.ts';
import { Refusal } from '../refusal/refusal.ts';
import { isBucketName } from '../storage/storage.ts';
import { S3_NAMESPACE, xmlAnswer } from '../xml/xml-answer.ts';
import { childText, readXml } from '../xml/xml-reader.ts';
import { element } from '../xml/xml-writer.ts';
import { emptyAnswer, type OperationContext } from './operation.ts';

/** The region that has no name in LocationConstraint. */
const UNNAMED_REGION = 'us-east-1';

/** CreateBucket, in the region that the body names. */
export function createBucket(context: OperationContext): Answer {
  const { nowMs, payload, request, settings, storage } = context;
  const { bucket: name } = request;
  if (!isBucketName(name))
    throw new Refusal('InvalidBucketName', { details: { BucketName: name } });
  if (storage.find(name) !== undefined) {
    throw new Refusal('BucketAlreadyOwnedByYou', { details: { BucketName: name } });
  }
  const region =
    payload.data.length === 0
      ? undefined
      : childText(readXml(payload.data.toString()), 'LocationConstraint');
  storage.create(name, region ?? settings.region, nowMs);
  return emptyAnswer(200, `Location: /${name}\r\n`);
}

/** DeleteBucket, of one that is empty. */
export function deleteBucket({ request, storage }: OperationContext): Answer {
  const bucket = storage.bucket(request.bucket);
  if (!bucket.isEmpty) throw new Refusal('BucketNotEmpty');
  storage.delete(request.bucket);
  return emptyAnswer(204);
}

/** HeadBucket. */
export function headBucket({ request, storage }: OperationContext): Answer {
  const { region } = storage.bucket(request.bucket);
  return emptyAnswer(200, `x-amz-bucket-region: ${region}\r\n`);
}

/** ListBuckets. */
export function listBuckets({ storage }: OperationContext): Answer {
  const buckets = storage
    .list()
    .map(
      ({ createdMs, name }) =>
        `<Bucket>${element('Name', name)}` +
        `${element('CreationDate', new Date(createdMs).toISOString())}</Bucket>`,
    );
  const owner = '<Owner><ID>sai3bench</ID></Owner>';
  return xmlAnswer(
    `<ListAllMyBucketsResult ${S3_NAMESPACE}>${owner}<Buckets>${buckets.join('')}</Buckets></ListAllMyBucketsResult>`,
  );
}

/** GetBucketLocation. */
export function getBucketLocation({ request, storage }: OperationContext): Answer {
  const { region } = storage.bucket(request.bucket);
  const name = region === UNNAMED_REGION ? '' : region;
  return xmlAnswer(`<LocationConstraint ${S3_NAMESPACE}>${name}</LocationConstraint>`);
}
