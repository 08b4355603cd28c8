import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { freePort, startChild, startS3rver, temporaryDirectory } from '@sai3bench/testing';

/** Servers that conformance is tested with. */
export const SERVERS = ['s3-test-server', 's3rver', 'minio', 'versitygw'] as const;

export type ServerName = (typeof SERVERS)[number];

/** A running server with an empty bucket. */
export interface ConformanceServer {
  readonly host: string;
  readonly env: Readonly<Record<string, string>>;
  /** The ETag of an object, without its quotes, as a client of its own sees it. */
  readonly etag: (key: string) => Promise<string | undefined>;
  stop(): Promise<void>;
}

export const BUCKET = 'bucket';

const ROOT = { AWS_ACCESS_KEY_ID: 'conformance', AWS_SECRET_ACCESS_KEY: 'conformance-secret' };
const START_TRIES = 100;
const START_WAIT_MS = 100;

/** Whether a server can be started here: those that are not of npm have to be on the PATH. */
export function isInstalled(name: ServerName): boolean {
  return name === 's3-test-server' || name === 's3rver' || isOnPath(name);
}

export async function startConformanceServer(name: ServerName): Promise<ConformanceServer> {
  switch (name) {
    case 's3-test-server':
      return observed(await startS3TestServer({ buckets: [BUCKET] }));
    case 's3rver':
      return observed(await startS3rver([BUCKET]));
    case 'minio':
      return startProgram('minio', (address, directory) => [
        ...['server', directory, '--address', address, '--quiet'],
      ]);
    case 'versitygw':
      return startProgram('versitygw', (address, directory) => [
        ...['--port', address, '--quiet', 'posix', directory],
      ]);
  }
}

type Started = Omit<ConformanceServer, 'etag'>;

/** A server with an observer that is none of the drivers under test. */
function observed(server: Started): ConformanceServer {
  const observer = clientOf(server);
  return {
    host: server.host,
    env: server.env,
    etag: async (Key) => {
      const { ETag } = await observer.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
      return ETag?.replaceAll('"', '');
    },
    stop: async () => {
      observer.destroy();
      await server.stop();
    },
  };
}

function clientOf({ env, host }: Started): S3Client {
  return new S3Client({
    endpoint: `http://${host}`,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  });
}

async function startProgram(
  program: string,
  argumentsFor: (address: string, directory: string) => readonly string[],
): Promise<ConformanceServer> {
  const directory = temporaryDirectory();
  const host = `127.0.0.1:${String(await freePort())}`;
  const child = startChild(program, [...argumentsFor(host, directory.path)], {
    env: {
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
  const server = { host, env: ROOT, stop };
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
