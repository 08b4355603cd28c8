import { isIPv6 } from 'node:net';
import { DEFAULT_AGENT_PORT } from '@sai3bench/barrier-protocol';
import { BenchError } from '@sai3bench/errors';

/** Where an agent waits for its controller. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`, `host` or `[address]:port`.
 *
 * @throws BenchError `LISTEN_ADDRESS` when the text is not an address
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d+))?$/i.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DEFAULT_AGENT_PORT : Number(match[3]);
  if (host === undefined || port > 65_535) {
    throw new BenchError(`"${text}" is not an address to listen on`, {
      code: 'LISTEN_ADDRESS',
      class: 'config',
      hint: 'write host:port, as in 127.0.0.1:7167 or [::1]:7167',
    });
  }
  return { host, port };
}

/** `host:port`, with brackets where the host has colons. */
export function formatAddress({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}
