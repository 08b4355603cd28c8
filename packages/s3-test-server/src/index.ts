export { DEFAULT_CREDENTIALS } from './auth/credentials.ts';
export { S3_OPERATIONS } from './operations/operation.ts';
export { startS3TestServer } from './server/start-server.ts';

export type { S3Credentials } from './auth/credentials.ts';
export type {
  AnswerFault,
  DeliveryFault,
  Fault,
  FaultKind,
  Milliseconds,
  RequestFault,
} from './faults/fault.ts';
export type { FaultHandle, FaultMatch, FaultRule, Faults } from './faults/fault-rules.ts';
export type { S3Operation } from './operations/operation.ts';
export type { S3ErrorCode } from './refusal/s3-error-code.ts';
export type { InitialBucket, S3TestServerOptions } from './server/server-options.ts';
export type { RequestRecord, ServerStats } from './server/server-stats.ts';
export type { VersioningStatus } from './storage/bucket.ts';
export type { S3TestServer } from './server/start-server.ts';
