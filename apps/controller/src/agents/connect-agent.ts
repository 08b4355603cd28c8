import type { SecureClientSessionOptions } from 'node:http2';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { AgentService } from '@sai3bench/barrier-protocol';
import type { LinkKind, TrustOptions } from '@sai3bench/control-link';
import type { AgentConnection } from '@sai3bench/coordinator';
import type { KeepAlive } from '@sai3bench/workload-config';
import { HeardSessions } from './heard-sessions.ts';
import { ProvenSessions } from './proven-sessions.ts';

/** Messages larger than this are refused: a stage summary of one agent takes a few hundred kB at most. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** What agents take: nothing larger is sent. */
const MAX_SENT_BYTES = 16 * 1024 * 1024;
const WINDOW_BYTES = 4 * 1024 * 1024;

/** How the link to an agent is locked. */
export interface LinkLock {
  readonly kind: LinkKind;
  readonly trust: TrustOptions;
  /** Certificates of the authorities that stand for agents, in PEM; undefined when any certificate will do for TLS. */
  readonly ca: string | undefined;
  /** What this controller shows to agents that ask for a certificate, in PEM. */
  readonly own: { readonly cert: string; readonly key: string } | undefined;
}

/**
 * Opens a way to an agent. Nothing is sent until it is used.
 *
 * @param keepAlive is when a link over which nothing comes is tried by a ping, and taken to be lost
 */
export function connectAgent(
  address: string,
  lock: LinkLock,
  { intervalMs, timeoutMs }: KeepAlive,
): AgentConnection {
  const isTls = lock.kind === 'tls';
  const baseUrl = `${isTls ? 'https' : 'http'}://${address}`;
  const sessions = new HeardSessions(
    baseUrl,
    { pingIntervalMs: intervalMs, pingTimeoutMs: timeoutMs },
    { settings: { initialWindowSize: WINDOW_BYTES }, ...(isTls ? tlsOptions(lock) : {}) },
  );
  const needsProof = isTls || lock.trust.token !== undefined;
  const transport = createConnectTransport({
    baseUrl,
    httpVersion: '2',
    sessionManager: needsProof ? new ProvenSessions(address, sessions, lock.trust) : sessions,
    readMaxBytes: MAX_MESSAGE_BYTES,
    writeMaxBytes: MAX_SENT_BYTES,
    // Compression costs more processor time than loopback or a data-center link is worth.
    acceptCompression: [],
  });
  return {
    client: createClient(AgentService, transport),
    reset: () => {
      sessions.abort();
    },
    close: () => {
      sessions.abort();
    },
  };
}

/** Without an authority, TLS takes any certificate: whose it is, is found out before anything is sent. */
function tlsOptions({ ca, own }: LinkLock): SecureClientSessionOptions {
  return {
    minVersion: 'TLSv1.3',
    rejectUnauthorized: ca !== undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(own === undefined ? {} : { cert: own.cert, key: own.key }),
  };
}
