import { CERTIFICATE } from '@sai3bench/testing';
import type { ObjectStore } from '../object-store.ts';
import { openStore } from '../open-store.ts';
import type { S3Options } from '../s3/s3-options.ts';

/** The two ways to talk S3. */
export const DRIVERS = ['fast', 'sdk'] as const;

export type Driver = (typeof DRIVERS)[number];

/** Where a driver is led to. */
export interface DriverPlace {
  readonly host: string;
  readonly env: Readonly<Record<string, string>>;
  /** Over https, with the certificate for tests. */
  readonly secure?: boolean;
}

const NAMES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** Opens a store through a driver. The credentials go into the environment of the process too: the SDK looks there. */
export async function openDriver(
  transport: Driver,
  { env, host, secure = false }: DriverPlace,
  path = 'bucket/',
  s3: S3Options = {},
): Promise<ObjectStore> {
  for (const name of NAMES) {
    const value = env[name];
    if (value === undefined || value === '') Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  const tls = secure ? { tls: { ca: CERTIFICATE.cert } } : {};
  return openStore(`${secure ? 's3+https' : 's3'}://${host}/${path}`, {
    nowNs: () => performance.now() * 1e6,
    maxInFlight: 16,
    fileMode: 'sync',
    env: { AWS_REGION: 'us-east-1', ...env },
    s3: { ...tls, ...s3, transport },
  });
}
