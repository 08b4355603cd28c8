import { isIPv4, isIPv6 } from 'node:net';

/** Where an agent waits for its controller unless told otherwise. */
export const DEFAULT_AGENT_PORT = 7167;

/** Whether only its own host can reach a host name or an address without brackets. */
export function isLoopbackHost(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  if (isIPv6(host)) return host === '::1';
  return host === 'localhost';
}
