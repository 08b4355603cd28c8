import type { ChecksumAlgorithm } from './checksum/checksum.ts';
import type { TlsSettings } from './http/tls-options.ts';

/** What of a body is protected: nothing, by its hash in the signature, or by a checksum behind it. */
export type PayloadProtection = 'unsigned' | 'signed' | ChecksumAlgorithm;

/** Whether a checksum is sent behind bodies. */
export function isChecksum(payload: PayloadProtection): payload is ChecksumAlgorithm {
  return payload !== 'unsigned' && payload !== 'signed';
}

/** Which objects are written in parts, and how. */
export interface MultipartOptions {
  /** Objects of more than this many bytes. Default 5 GiB, beyond which S3 takes no single PUT. */
  readonly thresholdBytes?: number;
  /**
   * Length of all parts but the last, a multiple of 4096: S3 wants 5 MiB to 5 GiB. Larger ones are sent of objects that
   * would have more than 10 000. Default 64 MiB.
   */
  readonly partBytes?: number;
  /** Parts of an object that are under way at once. Default 4. */
  readonly parallel?: number;
}

/** How S3 is talked to. */
export interface S3Options {
  /**
   * `fast`: own HTTP; `sdk`: the client of AWS, as the reference. Of the options below `sdk` knows `addressing`,
   * `region` and `tls` alone. Default `fast`.
   */
  readonly transport?: 'fast' | 'sdk';
  /** `http://host/bucket/key`, or `http://bucket.host/key`. Default: virtual-host for AWS, path for all others. */
  readonly addressing?: 'path' | 'virtual-host';
  /** Default `unsigned`. */
  readonly payload?: PayloadProtection;
  /** Default: what the environment says. */
  readonly region?: string;
  readonly tls?: TlsSettings;
  /** Whether connections are used again. Default true. */
  readonly keepAlive?: boolean;
  /** Address of this host from which connections are made. */
  readonly localAddress?: string;
  /** Until a connection is there, TLS included. Default 5 s. */
  readonly connectTimeoutMs?: number;
  /** Without a byte in either direction. Default 60 s. */
  readonly idleTimeoutMs?: number;
  /** For one attempt. Default 1 h: a server that sends a byte now and then is not idle. */
  readonly totalTimeoutMs?: number;
  /** How often a failed operation is tried again. Default 0, so that retries do not hide in latencies. */
  readonly maxRetries?: number;
  readonly multipart?: MultipartOptions;
}

/** Options with their defaults. */
export type S3Settings = Required<
  Omit<S3Options, 'transport' | 'addressing' | 'region' | 'localAddress' | 'tls' | 'multipart'>
> &
  Pick<S3Options, 'localAddress'> & {
    readonly tls: TlsSettings;
    readonly multipart: MultipartSettings;
  };

/** Options for parts with their defaults. */
export type MultipartSettings = Required<MultipartOptions>;

const MIB = 1024 * 1024;

export function multipartSettings(options: MultipartOptions = {}): MultipartSettings {
  return {
    thresholdBytes: options.thresholdBytes ?? 5 * 1024 * MIB,
    partBytes: options.partBytes ?? 64 * MIB,
    parallel: options.parallel ?? 4,
  };
}

export function s3Settings(options: S3Options = {}): S3Settings {
  return {
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    payload: options.payload ?? 'unsigned',
    tls: options.tls ?? {},
    keepAlive: options.keepAlive ?? true,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    totalTimeoutMs: options.totalTimeoutMs ?? 3_600_000,
    maxRetries: options.maxRetries ?? 0,
    multipart: multipartSettings(options.multipart),
  };
}
