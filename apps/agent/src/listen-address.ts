import { isIPv4, isIPv6 } from 'node:net';
import { BenchError } from '@sai3bench/errors';

/** Where an agent waits for its controller. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const DEFAULT_PORT = 7167;

/**
 * Reads `host:port`, `host` or `[address]:port`.
 *
 * @throws BenchError `LISTEN_ADDRESS` when the text is not an address
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d+))?$/i.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (host === undefined || port > 65_535) {
    throw new BenchError(`"${text}" is not an address to listen on`, {
      code: 'LISTEN_ADDRESS',
      class: 'config',
      hint: 'write host:port, as in 127.0.0.1:7167 or [::1]:7167',
    });
  }
  return { host, port };
}

/** Whether only this host can reach an address. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  if (isIPv6(host)) return host === '::1';
  return host === 'localhost';
}

/** `host:port`, with brackets where the host has colons. */
export function formatAddress({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}
