import { DEFAULT_CREDENTIALS } from '../auth/credentials.ts';
import { SignatureVerifier } from '../auth/signature-verifier.ts';
import { type Faults, FaultRules } from '../faults/fault-rules.ts';
import { Storage } from '../storage/storage.ts';
import { Listener } from './listener.ts';
import { S3Service } from './s3-service.ts';
import type { InitialBucket, S3TestServerOptions } from './server-options.ts';
import { RequestLog, type RequestRecord, type ServerStats } from './server-stats.ts';
import type { ServiceSettings } from './service-settings.ts';

/** A running server. */
export interface S3TestServer extends AsyncDisposable {
  /** `127.0.0.1:49152` */
  readonly host: string;
  /** `http://127.0.0.1:49152` */
  readonly url: string;
  /** Environment that leads a client here: address, region and the first of the credentials. */
  readonly env: Readonly<Record<string, string>>;
  /** What it does wrong. */
  readonly faults: Faults;
  stats(): ServerStats;
  /** The last requests, oldest first, as many as `requestLog` keeps. */
  requests(): readonly RequestRecord[];
  /**
   * Opens another endpoint of the same buckets, on a free port: a server like this one, with faults, counts and
   * requests of its own. It is stopped by itself; the objects are there as long as one of them is.
   */
  openEndpoint(): Promise<S3TestServer>;
  /** Ends all connections; objects are forgotten with the last endpoint. */
  stop(): Promise<void>;
}

const DEFAULT_REGION = 'us-east-1';
const DEFAULT_MAX_SKEW_MS = 15 * 60 * 1000;
const MIB = 1024 * 1024;

/** Starts an S3 server in this process. */
export async function startS3TestServer(options: S3TestServerOptions = {}): Promise<S3TestServer> {
  const settings = settingsOf(options);
  const storage = new Storage();
  for (const bucket of options.buckets ?? []) {
    const initial: InitialBucket = typeof bucket === 'string' ? { name: bucket } : bucket;
    const { name, region = settings.region, versioning } = initial;
    const created = storage.create(name, region, settings.now());
    if (versioning !== undefined) created.setVersioning(versioning);
  }
  return startEndpoint(storage, options, settings);
}

async function startEndpoint(
  storage: Storage,
  options: S3TestServerOptions,
  settings: ServiceSettings,
): Promise<S3TestServer> {
  const credentials = options.credentials ?? [DEFAULT_CREDENTIALS];
  const faults = new FaultRules(options.seed ?? 1);
  const log = new RequestLog(options.requestLog ?? 0);
  const verifier =
    options.anonymous === true
      ? undefined
      : new SignatureVerifier({
          credentials,
          region: settings.region,
          now: settings.now,
          maxSkewMs: options.maxSkewMs ?? DEFAULT_MAX_SKEW_MS,
        });
  const service = new S3Service({ settings, storage, faults, log, verifier });
  const listener = new Listener(service, options.tls);
  const address = options.host ?? '127.0.0.1';
  const port = await listener.listen(address, options.port ?? 0);
  const host = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const url = `${options.tls === undefined ? 'http' : 'https'}://${host}`;
  const stop = (): Promise<void> => listener.close();
  return {
    host,
    url,
    env: environment(url, settings.region, credentials[0] ?? DEFAULT_CREDENTIALS),
    faults,
    stats: () => stats(listener, service),
    requests: () => log.list(),
    openEndpoint: () => startEndpoint(storage, { ...options, port: 0 }, settings),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function settingsOf(options: S3TestServerOptions): ServiceSettings {
  return {
    region: options.region ?? DEFAULT_REGION,
    keepBodies: options.keepBodies ?? true,
    minPartBytes: options.minPartBytes ?? 5 * MIB,
    maxBodyBytes: options.maxBodyBytes ?? 5 * 1024 * MIB,
    domains: options.domains ?? ['localhost'],
    refuse: options.refuse ?? {},
    now: options.now ?? Date.now,
  };
}

function environment(
  url: string,
  region: string,
  { accessKeyId, secretAccessKey, sessionToken }: typeof DEFAULT_CREDENTIALS,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}

function stats(listener: Listener, service: S3Service): ServerStats {
  const { answers, byOperation, errors, total, unknown } = service.counters;
  return {
    connections: listener.connections,
    bytes: listener.bytes,
    requests: { total, byOperation: { ...byOperation }, unknown },
    answers: { ...answers },
    errors: { ...errors },
    faults: service.faults.struck,
  };
}
