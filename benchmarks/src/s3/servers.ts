import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, startChild } from '@sai3bench/testing';

/** The core of the servers; clients have the other one. */
const SERVER_CORE = '1';
const SINK = fileURLToPath(new URL('sink.c', import.meta.url));

const ATTEMPT_MS = 20;
const MAX_ATTEMPTS = 250;

/** The servers of the benchmark, all on one core. */
export interface Servers {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Takes PUTs of any size and keeps nothing. */
  readonly sinkPort: number;
  stop(): Promise<void>;
}

/**
 * Starts nginx with objects of the given sizes, named as prepared ones are, below `/{size}/`, and a sink for PUTs.
 *
 * @throws Error when nginx is not installed
 */
export async function startServers(sizes: readonly number[]): Promise<Servers> {
  const directory = mkdtempSync(join(tmpdir(), 'sai3bench-s3-bench-'));
  // The workers of nginx may be another user.
  chmodSync(directory, 0o755);
  const [httpPort, httpsPort, sinkPort] = [await freePort(), await freePort(), await freePort()];
  for (const size of sizes) {
    const bucket = join(directory, 'root', String(size));
    mkdirSync(bucket, { recursive: true });
    writeFileSync(join(bucket, 'object'), Buffer.alloc(size, 7));
    for (let index = 0; index < 1000; index++) {
      symlinkSync('object', join(bucket, `prepared-${String(index).padStart(8, '0')}.dat`));
    }
  }
  check('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')],
  ]);
  writeFileSync(join(directory, 'nginx.conf'), nginxConfig(httpPort, httpsPort));
  check('nginx', ['-t', '-p', directory, '-c', 'nginx.conf', '-e', 'error.log']);
  check('gcc', ['-O2', '-o', join(directory, 'sink'), SINK]);
  const nginx = startChild('taskset', [
    ...['-c', SERVER_CORE, 'nginx', '-p', directory, '-c', 'nginx.conf', '-e', 'error.log'],
  ]);
  const sink = startChild('taskset', [
    ...['-c', SERVER_CORE, join(directory, 'sink'), String(sinkPort)],
  ]);
  await sink.printed('ready');
  await Promise.all([httpPort, httpsPort].map(listening));
  return {
    ...{ httpPort, httpsPort, sinkPort },
    stop: async () => {
      await Promise.all([nginx.stop(), sink.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Resolves when something listens on a port of this host. */
async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const there = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    socket.destroy();
    if (there) return;
    await setTimeout(ATTEMPT_MS);
  }
  throw new Error(`nothing listens on port ${String(port)}`);
}

function nginxConfig(httpPort: number, httpsPort: number): string {
  return `daemon off; worker_processes 1; pid nginx.pid; error_log error.log warn;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on; open_file_cache max=4000;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen 127.0.0.1:${String(httpPort)};
    listen 127.0.0.1:${String(httpsPort)} ssl;
    ssl_certificate cert.pem; ssl_certificate_key key.pem;
    root root;
  }
}
`;
}

function check(command: string, args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${command} is needed: ${error.message}`);
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
}
