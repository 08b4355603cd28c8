import type { TlsOptions } from 'node:tls';
import type { S3Credentials } from '../auth/credentials.ts';
import type { S3Operation } from '../operations/operation.ts';
import type { S3ErrorCode } from '../refusal/s3-error-code.ts';
import type { VersioningStatus } from '../storage/bucket.ts';

/** A bucket that is there from the beginning. */
export interface InitialBucket {
  readonly name: string;
  /** One of its own makes it answer PermanentRedirect. Default: that of the server. */
  readonly region?: string;
  /** Whether it keeps versions. Default: it never did. */
  readonly versioning?: VersioningStatus;
}

/** How a server is to be. Nothing is required. */
export interface S3TestServerOptions {
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Buckets to begin with. Default: none. */
  readonly buckets?: readonly (string | InitialBucket)[];
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Who may do something. Default: one key, which {@link S3TestServer.env} holds. */
  readonly credentials?: readonly S3Credentials[];
  /** Look at no signature. Default false. */
  readonly anonymous?: boolean;
  /** How far the time of a request may be off. Default 15 minutes, as S3 has it. */
  readonly maxSkewMs?: number;
  /** Names below which a name in Host is a bucket: `bucket.localhost`. Default `['localhost']`. */
  readonly domains?: readonly string[];
  /** Serve https with this certificate and key; `requestCert` and `ca` ask for one of the client. */
  readonly tls?: TlsOptions;
  /**
   * Keep the bodies of objects. Default true. With false only lengths are kept: bodies are neither hashed nor checked,
   * a GET serves zeros, and an ETag says nothing of the content. For benchmarks.
   */
  readonly keepBodies?: boolean;
  /** Least length of all parts of an upload but the last. Default 5 MiB, as S3 has it. */
  readonly minPartBytes?: number;
  /** Longest body of a PUT. Default 5 GiB, as S3 has it. */
  readonly maxBodyBytes?: number;
  /** Operations that the server does not have, and what it answers: `{ DeleteObjects: 'NotImplemented' }`. */
  readonly refuse?: Readonly<Partial<Record<S3Operation, S3ErrorCode>>>;
  /** Decides what chance decides: which requests faults strike, and where. Default 1. */
  readonly seed?: number;
  /** How many of the last requests are kept for {@link S3TestServer.requests}. Default 0. */
  readonly requestLog?: number;
  /** The clock: milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}
