import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@sai3bench/testing';

/** The core of the servers; clients have the other one. */
const SERVER_CORE = '1';
const SINK = fileURLToPath(new URL('sink.ts', import.meta.url));

/** The servers of the benchmark, all on one core. */
export interface Servers {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Takes PUTs of any size and keeps nothing. */
  readonly sinkPort: number;
  stop(): void;
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
  check('taskset', [
    ...['-c', SERVER_CORE, 'nginx', '-p', directory, '-c', 'nginx.conf', '-e', 'error.log'],
  ]);
  const sink = spawn('taskset', ['-c', SERVER_CORE, process.execPath, SINK, String(sinkPort)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => sink.stdout.once('data', resolve));
  return {
    httpPort,
    httpsPort,
    sinkPort,
    stop: () => {
      process.kill(Number(readFileSync(join(directory, 'nginx.pid'), 'utf8')));
      sink.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function nginxConfig(httpPort: number, httpsPort: number): string {
  return `worker_processes 1; pid nginx.pid; error_log error.log warn;
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
