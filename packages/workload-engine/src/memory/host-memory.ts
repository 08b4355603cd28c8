import { totalmem } from 'node:os';

/** Memory that processes of this host may use: what the host has, or what a container is limited to. */
export function hostMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
