import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { BenchError, summarizeError } from '@sai3bench/errors';
import {
  type S3Server,
  SPEAKS_NO_TLS,
  systemErrorMeaning,
  tlsErrorMeaning,
} from '@sai3bench/object-store';
import { formatDurationMs } from '@sai3bench/units';
import type { Checklist } from './checklist.ts';
import { describeSkew, skewLevel, skewMs } from './clock-skew.ts';

/** How a server is looked at. */
export interface ServerOptions {
  /** For one connection, with TLS. */
  readonly connectTimeoutMs: number;
  /** Address of this host from which connections are made. */
  readonly localAddress: string | undefined;
  /** Time of day, ms since 1970. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

const DAY_MS = 24 * 3_600_000;
/** A certificate that expires sooner deserves a word. */
const SOON_MS = 14 * DAY_MS;

/** Looks at the way to a server step by step: name, addresses, TLS, clock. Returns whether requests can be sent. */
export async function checkServer(
  server: S3Server,
  options: ServerOptions,
  checks: Checklist,
): Promise<boolean> {
  let addresses: readonly string[] = [];
  const named = await checks.attempt('dns', async () => {
    addresses = await resolveName(server.hostname, checks);
  });
  if (!named) return false;
  let reached: string | undefined;
  await checks.attempt('tcp', async () => {
    reached = await checkAddresses(addresses, server, options, checks);
  });
  const address = reached;
  if (address === undefined) return false;
  const spoken =
    server.tls === undefined ||
    (await checks.attempt('tls', () => checkTls(address, server, options, checks)));
  if (!spoken) return false;
  return checks.attempt('clock', () => checkClock(address, server, options, checks));
}

async function resolveName(hostname: string, checks: Checklist): Promise<readonly string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  const found = await lookup(hostname, { all: true });
  const addresses = [...new Set(found.map(({ address }) => address))];
  checks.report('info', 'NET', 'dns', `${hostname} leads to ${addresses.toSorted().join(', ')}`);
  return addresses;
}

/** Connects to every address; returns the first that answers, warns of the others when there is one. */
async function checkAddresses(
  addresses: readonly string[],
  { port }: S3Server,
  options: ServerOptions,
  checks: Checklist,
): Promise<string> {
  const attempts = await Promise.allSettled(
    addresses.map(async (address) => {
      const place = { host: address, port, ...from(options) };
      const socket = await connected(connect(place), 'connect', address, options);
      socket.destroy();
    }),
  );
  const reached = addresses.filter((_, index) => attempts[index]?.status === 'fulfilled');
  const [first] = reached;
  for (const [index, attempt] of attempts.entries()) {
    if (attempt.status === 'fulfilled') continue;
    if (first === undefined) throw unreachableError(addresses, port, attempt.reason);
    const why = summarizeError(attempt.reason);
    checks.report(
      'warning',
      'NET',
      'tcp',
      `${addresses[index] ?? ''} does not take connections at port ${String(port)} (${why}), ${reached.join(', ')} does`,
      'operations go to the other addresses: see why this one is out, or take it out of the name',
    );
  }
  if (first !== undefined) return first;
  throw unreachableError(addresses, port, undefined);
}

function unreachableError(addresses: readonly string[], port: number, cause: unknown): BenchError {
  const meaning = systemErrorMeaning(cause);
  return new BenchError(`no connection to ${addresses.join(', ')} at port ${String(port)}`, {
    code: 'PREFLIGHT_UNREACHABLE',
    class: meaning?.class === 'resource' ? 'resource' : 'network',
    hint:
      meaning?.hint ?? 'check the address and the port, firewalls, and that the server is running',
    cause,
  });
}

async function checkTls(
  address: string,
  { port, tls }: S3Server,
  options: ServerOptions,
  checks: Checklist,
): Promise<void> {
  const place = { host: address, port, ...from(options), ...tls };
  let socket: TLSSocket;
  try {
    socket = await connected(connectTls(place), 'secureConnect', address, options);
  } catch (cause) {
    throw tlsError(address, port, cause);
  }
  try {
    reportTls(socket, options.nowMs(), checks);
  } finally {
    socket.destroy();
  }
}

function tlsError(address: string, port: number, cause: unknown): BenchError {
  const meaning = tlsErrorMeaning(cause);
  return new BenchError(`TLS could not be agreed upon with ${address} at port ${String(port)}`, {
    code: 'PREFLIGHT_TLS',
    class: 'config',
    hint: meaning?.hint ?? SPEAKS_NO_TLS,
    cause,
  });
}

function reportTls(socket: TLSSocket, nowMs: number, checks: Checklist): void {
  const protocol = socket.getProtocol() ?? 'TLS';
  const expiresAtMs = Date.parse(socket.getPeerCertificate().valid_to);
  const until = Number.isNaN(expiresAtMs) ? '' : new Date(expiresAtMs).toISOString().slice(0, 10);
  const trust = socket.authorized ? '' : ', whose certificate is not checked';
  const validity = until === '' ? '' : `, certificate valid until ${until}`;
  checks.report('info', 'NET', 'tls', `${protocol}${trust}${validity}`);
  if (!(expiresAtMs - nowMs < SOON_MS) || !socket.authorized) return;
  checks.report(
    'warning',
    'NET',
    'tls',
    `the certificate of the server expires on ${until}, in ${formatDurationMs(Math.max(0, expiresAtMs - nowMs))}`,
    'renew it: when it has expired, nothing goes any more',
  );
}

/** Compares the time of day with what the server says; asks without a signature, so that any answer will do. */
async function checkClock(
  address: string,
  server: S3Server,
  options: ServerOptions,
  checks: Checklist,
): Promise<void> {
  const sentAtMs = options.nowMs();
  const date = await dateOf(address, server, options);
  const difference = skewMs(date, sentAtMs, options.nowMs());
  if (difference === undefined) {
    checks.report('info', 'NET', 'clock', 'the server does not say what time it has');
    return;
  }
  const level = skewLevel(difference);
  const text = describeSkew(difference);
  if (level === 'error') {
    throw new BenchError(`${text}: S3 refuses requests that are off by 15 minutes`, {
      code: 'PREFLIGHT_CLOCK',
      class: 'auth',
      hint: SET_CLOCK,
    });
  }
  checks.report(level, 'AUTH', 'clock', text, level === 'warning' ? SET_CLOCK : undefined);
}

const SET_CLOCK = 'set the clock of this host, best with NTP or chrony, or that of the server';

async function dateOf(
  address: string,
  { bucketPath, host, port, tls }: S3Server,
  options: ServerOptions,
): Promise<string | undefined> {
  const { promise, reject, resolve } = Promise.withResolvers<string | undefined>();
  const common = { method: 'HEAD', host: address, port, path: bucketPath, agent: false };
  const all = {
    ...common,
    ...from(options),
    headers: { host },
    signal: options.signal,
    timeout: options.connectTimeoutMs,
  };
  const sent = tls === undefined ? requestHttp(all) : requestHttps({ ...all, ...tls });
  sent.once('response', (response) => {
    response.resume();
    resolve(response.headers.date);
    sent.destroy();
  });
  sent.once('timeout', () => sent.destroy(timeoutError(address, options)));
  sent.on('error', (error: NodeJS.ErrnoException) => {
    // What is no HTTP is looked at with the bucket.
    if (error.code?.startsWith('HPE_') === true) resolve(undefined);
    else reject(error.code === 'ECONNRESET' ? hungUpError(address, port, error) : error);
  });
  sent.end();
  return promise;
}

/** Waits for a connection; rejects when it does not come about in time. */
async function connected<Kind extends Socket>(
  socket: Kind,
  event: 'connect' | 'secureConnect',
  address: string,
  options: ServerOptions,
): Promise<Kind> {
  const { promise, reject, resolve } = Promise.withResolvers<Kind>();
  const timer = setTimeout(() => {
    socket.destroy(timeoutError(address, options));
  }, options.connectTimeoutMs);
  const stop = (): void => {
    socket.destroy();
  };
  options.signal.addEventListener('abort', stop);
  socket.on('error', reject);
  socket.once('close', () => {
    reject(closedError(address));
  });
  socket.once(event, () => {
    resolve(socket);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stop);
  }
}

function closedError(address: string): BenchError {
  return new BenchError(`${address} has closed the connection`, {
    code: 'PREFLIGHT_CLOSED',
    class: 'network',
    hint: 'see the log of the server',
  });
}

/** Who takes connections and answers no request is hardly ever an S3 server. */
function hungUpError(address: string, port: number, cause: unknown): BenchError {
  return new BenchError(
    `${address} at port ${String(port)} has closed the connection when it was asked for the bucket: it does not answer like S3`,
    {
      code: 'PREFLIGHT_HUNG_UP',
      class: 'config',
      hint: 'something else seems to listen there, such as an agent of sai3bench: check host and port of the address, or else see the log of the server',
      cause,
    },
  );
}

function timeoutError(address: string, { connectTimeoutMs }: ServerOptions): BenchError {
  return new BenchError(
    `${address} has not answered within ${formatDurationMs(connectTimeoutMs)}`,
    {
      code: 'PREFLIGHT_TIMEOUT',
      class: 'timeout',
      hint: 'check the address, firewalls, and whether the server is overloaded',
    },
  );
}

function from({ localAddress }: ServerOptions): { localAddress?: string } {
  return localAddress === undefined ? {} : { localAddress };
}
