import type { Secret } from '@sai3bench/secret';

/** Environment variables with credentials that agents get for one run. */
export type ForwardedCredentials = ReadonlyMap<string, Secret>;

/** Credentials as they go into a message: the one place where they are exposed. */
export function credentialsOf(
  credentials: ForwardedCredentials = new Map(),
): Record<string, string> {
  return Object.fromEntries([...credentials].map(([name, value]) => [name, value.expose()]));
}
