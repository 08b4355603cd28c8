import type { OperationSettings, S3Operation } from '../operations/operation.ts';
import type { S3ErrorCode } from '../refusal/s3-error-code.ts';

/** What the requests of a server have in common. */
export interface ServiceSettings extends OperationSettings {
  readonly now: () => number;
  readonly domains: readonly string[];
  readonly maxBodyBytes: number;
  /** Operations that are answered with an error, as by a server that does not have them. */
  readonly refuse: Readonly<Partial<Record<S3Operation, S3ErrorCode>>>;
}
