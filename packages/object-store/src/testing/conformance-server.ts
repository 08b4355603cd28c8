import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import {
  CERTIFICATE,
  freePort,
  startChild,
  startS3rver,
  temporaryDirectory,
} from '@sai3bench/testing';

/** Servers that conformance is tested with. */
export const SERVERS = ['s3-test-server', 's3rver', 'minio', 'versitygw'] as const;

export type ServerName = (typeof SERVERS)[number];

/** A running server with an empty bucket. */
export interface ConformanceServer {
  readonly host: string;
  readonly env: Readonly<Record<string, string>>;
  readonly secure: boolean;
  /** The ETag of an object, without its quotes, as a client of its own sees it. */
  readonly etag: (key: string) => Promise<string | undefined>;
  /** Begins an upload in parts that nobody goes on with. */
  readonly beginUpload: (key: string) => Promise<void>;
  stop(): Promise<void>;
}

export const BUCKET = 'bucket';

const ROOT = { AWS_ACCESS_KEY_ID: 'conformance', AWS_SECRET_ACCESS_KEY: 'conformance-secret' };
/** The server of our own is the one that checks a session token. */
const SESSION = {
  accessKeyId: 'CONFORMANCE',
  secretAccessKey: 'conformance-secret',
  sessionToken: 'a/session+token==',
};
const START_TRIES = 600;
const START_WAIT_MS = 100;

/** What servers do not do right, and what they do instead. */
export type Exceptions = Readonly<Partial<Record<ServerName, string>>>;

/** Whether a server can be started here: those that are not of npm have to be on the PATH. */
export function isInstalled(name: ServerName): boolean {
  return name === 's3-test-server' || name === 's3rver' || isOnPath(name);
}

/** Why something is not tested with a server; undefined when it is. */
export function whySkipped(name: ServerName, except: Exceptions = {}): string | undefined {
  return except[name] ?? (isInstalled(name) ? undefined : 'not on the PATH');
}

/** How a server is to be reached. */
export interface Reach {
  /** Over https, with `CERTIFICATE`. Default false. */
  readonly secure?: boolean;
  /** A name below which the names of buckets are. Default: there is none. */
  readonly domain?: string | undefined;
}

export async function startConformanceServer(
  name: ServerName,
  { domain, secure = false }: Reach = {},
): Promise<ConformanceServer> {
  switch (name) {
    case 's3-test-server': {
      const server = await startS3TestServer({
        buckets: [BUCKET],
        credentials: [SESSION],
        ...(secure ? { tls: CERTIFICATE } : {}),
        ...(domain === undefined ? {} : { domains: [domain] }),
      });
      return observed({ ...server, secure });
    }
    case 's3rver':
      return observed({ ...(await startS3rver([BUCKET], secure)), secure });
    case 'minio':
      return startProgram('minio', { domain, secure }, ({ address, certificates, data }) => [
        ...['server', data, '--address', address, '--quiet', '--certs-dir', certificates],
      ]);
    case 'versitygw':
      return startProgram('versitygw', { domain, secure }, ({ address, certificates, data }) => [
        ...['--port', address, '--quiet', '--keep-alive'],
        ...(domain === undefined ? [] : ['--virtual-domain', domain]),
        ...(secure ? ['--cert', join(certificates, 'public.crt')] : []),
        ...(secure ? ['--key', join(certificates, 'private.key')] : []),
        ...['posix', data],
      ]);
  }
}

type Started = Omit<ConformanceServer, 'etag' | 'beginUpload'>;

/** A server with an observer that is none of the drivers under test. */
function observed(server: Started): ConformanceServer {
  const { env, host, secure } = server;
  const observer = clientOf(server);
  const Bucket = BUCKET;
  return {
    ...{ env, host, secure },
    etag: async (Key) => {
      const { ETag } = await observer.send(new HeadObjectCommand({ Bucket, Key }));
      return ETag?.replaceAll('"', '');
    },
    beginUpload: async (Key) => {
      await observer.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    },
    stop: async () => {
      observer.destroy();
      await server.stop();
    },
  };
}

function clientOf({ env, host, secure }: Started): S3Client {
  return new S3Client({
    endpoint: `${secure ? 'https' : 'http'}://${host}`,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: { httpsAgent: { ca: CERTIFICATE.cert } },
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      ...(env['AWS_SESSION_TOKEN'] === undefined ? {} : { sessionToken: env['AWS_SESSION_TOKEN'] }),
    },
  });
}

/** Where a program is to listen, and what it is to use. */
interface ProgramPlaces {
  readonly address: string;
  readonly data: string;
  /** Empty, or with `public.crt` and `private.key`. */
  readonly certificates: string;
}

async function startProgram(
  program: string,
  { domain = '', secure = false }: Reach,
  argumentsFor: (places: ProgramPlaces) => readonly string[],
): Promise<ConformanceServer> {
  const directory = temporaryDirectory();
  const host = `127.0.0.1:${String(await freePort())}`;
  const [data, certificates] = [join(directory.path, 'data'), join(directory.path, 'certificates')];
  for (const each of [data, certificates]) mkdirSync(each);
  if (secure) {
    writeFileSync(join(certificates, 'public.crt'), CERTIFICATE.cert);
    writeFileSync(join(certificates, 'private.key'), CERTIFICATE.key);
  }
  const child = startChild(program, [...argumentsFor({ address: host, certificates, data })], {
    env: {
      MINIO_DOMAIN: domain,
      MINIO_ROOT_USER: ROOT.AWS_ACCESS_KEY_ID,
      MINIO_ROOT_PASSWORD: ROOT.AWS_SECRET_ACCESS_KEY,
      ROOT_ACCESS_KEY: ROOT.AWS_ACCESS_KEY_ID,
      ROOT_SECRET_KEY: ROOT.AWS_SECRET_ACCESS_KEY,
    },
  });
  const stop = async (): Promise<void> => {
    await child.stop();
    directory.remove();
  };
  const server = { host, env: ROOT, secure, stop };
  await makeBucket(server).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return observed(server);
}

/** Makes the bucket as soon as the server takes requests. */
async function makeBucket(server: Started): Promise<void> {
  const client = clientOf(server);
  try {
    for (let tries = 1; ; tries++) {
      try {
        await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
        return;
      } catch (error) {
        if (tries === START_TRIES) throw error;
        await sleep(START_WAIT_MS);
      }
    }
  } finally {
    client.destroy();
  }
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
