import { userInfo } from 'node:os';
import type { AgentLock } from './agent-lock.ts';
import { formatAddress, type ListenAddress } from './listen-address.ts';

/** What whoever starts an agent should know of who may come in. */
export function describeLock(
  { clientCa, identity, kind, token }: AgentLock,
  address: ListenAddress,
): string[] {
  if (kind === 'open') return warnings(address, token !== undefined);
  if (identity === undefined) return [];
  const made = identity.isNew ? `, made just now in ${identity.path}` : '';
  return [
    `Certificate fingerprint (SHA-256): ${identity.fingerprint}${made}`,
    ...(token === undefined && clientCa === undefined
      ? ['Everybody on this host may use this agent: there is no token']
      : []),
  ];
}

function warnings(address: ListenAddress, hasToken: boolean): string[] {
  const { username } = userInfo();
  const who = hasToken
    ? 'whoever is on the way can read all of it, and take a run over'
    : `everybody who can reach ${formatAddress(address)} can read and write, as ${username}, whatever this host can`;
  return [
    '⚠ ⚠ ⚠  --insecure: the link to controllers is NOT ENCRYPTED  ⚠ ⚠ ⚠',
    `⚠ ${who}: use it only in a network that you trust`,
  ];
}
