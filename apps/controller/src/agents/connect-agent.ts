import { createClient } from '@connectrpc/connect';
import { createConnectTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { AgentService } from '@sai3bench/barrier-protocol';
import type { AgentConnection } from '@sai3bench/coordinator';

/** Messages larger than this are refused: a stage summary of one agent takes a few hundred kB at most. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** An agent whose host is gone is found out by HTTP/2 pings, which are not sent by default. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;
const WINDOW_BYTES = 4 * 1024 * 1024;

/** Opens a way to an agent. Nothing is sent until it is used. */
export function connectAgent(address: string): AgentConnection {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(
    baseUrl,
    { pingIntervalMs: PING_INTERVAL_MS, pingTimeoutMs: PING_TIMEOUT_MS },
    { settings: { initialWindowSize: WINDOW_BYTES } },
  );
  const transport = createConnectTransport({
    baseUrl,
    httpVersion: '2',
    sessionManager,
    readMaxBytes: MAX_MESSAGE_BYTES,
    // Compression costs more processor time than loopback or a data-center link is worth.
    acceptCompression: [],
  });
  return {
    client: createClient(AgentService, transport),
    close: () => {
      sessionManager.abort();
    },
  };
}
