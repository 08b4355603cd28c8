import { afterEach, beforeEach } from '@jest/globals';
import { type S3TestServer, startS3TestServer } from '@sai3bench/s3-test-server';
import { openProbeStore } from '../preflight/open-probe-store.ts';

type ServerOptions = Parameters<typeof startS3TestServer>[0];

/** A server of S3 that the environment leads to. */
export interface CheckedServer {
  readonly server: S3TestServer;
  /** Addresses of its buckets. */
  target(bucket?: string): string;
  /** Methods and paths of everything that it was asked to change. */
  changes(): string[];
  /** Every key in its bucket, also those of which only versions are left. */
  keys(): Promise<string[]>;
}

/** Call it once, where a file of tests begins: the environment is afterwards as it was, and the servers are stopped. */
export function checkedServers(): (options?: ServerOptions) => Promise<CheckedServer> {
  let before: NodeJS.ProcessEnv = {};
  let servers: S3TestServer[] = [];
  beforeEach(() => {
    before = { ...process.env };
  });
  afterEach(async () => {
    for (const name of Object.keys(process.env)) {
      if (!(name in before)) Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, before);
    await Promise.all(servers.map((server) => server.stop()));
    servers = [];
  });
  return async (options = {}) => {
    const server = await startS3TestServer({
      ...{ buckets: ['bucket'], requestLog: 1_000 },
      ...options,
    });
    servers.push(server);
    Object.assign(process.env, server.env);
    return {
      server,
      target: (bucket = 'bucket') => `s3://${server.host}/${bucket}/p/`,
      changes: () =>
        server
          .requests()
          .flatMap(({ method, target }) =>
            method === 'PUT' || method === 'DELETE' || method === 'POST'
              ? [`${method} ${target}`]
              : [],
          ),
      keys: () => keysOf(server),
    };
  };
}

async function keysOf(server: S3TestServer): Promise<string[]> {
  const store = await openProbeStore(`s3://${server.host}/bucket/`, {});
  const keys: string[] = [];
  try {
    await store.versions?.list('', (page) => {
      keys.push(...page.map(({ key }) => key));
      return Promise.resolve();
    });
  } finally {
    store.close();
  }
  return keys;
}
