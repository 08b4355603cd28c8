import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from './buckets.ts';
import { deleteObject } from './delete-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { getObject, headObject } from './get-object.ts';
import { listObjectVersions } from './list-object-versions.ts';
import { listObjectsV2 } from './list-objects-v2.ts';
import { abortMultipartUpload } from './multipart/abort-upload.ts';
import { completeMultipartUpload } from './multipart/complete-upload.ts';
import { createMultipartUpload } from './multipart/create-upload.ts';
import { listParts } from './multipart/list-parts.ts';
import { listMultipartUploads } from './multipart/list-uploads.ts';
import { uploadPart } from './multipart/upload-part.ts';
import type { OperationHandler, S3Operation } from './operation.ts';
import { getBucketVersioning, putBucketVersioning } from './bucket-versioning.ts';
import { putObject } from './put-object.ts';

/** Who carries out what. */
export const HANDLERS: Readonly<Record<S3Operation, OperationHandler>> = {
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  ListObjectsV2: listObjectsV2,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListMultipartUploads: listMultipartUploads,
  ListParts: listParts,
  CreateBucket: createBucket,
  DeleteBucket: deleteBucket,
  HeadBucket: headBucket,
  ListBuckets: listBuckets,
  GetBucketLocation: getBucketLocation,
  GetBucketVersioning: getBucketVersioning,
  PutBucketVersioning: putBucketVersioning,
  ListObjectVersions: listObjectVersions,
};
