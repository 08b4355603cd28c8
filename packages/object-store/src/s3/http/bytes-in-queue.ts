import type { Socket } from 'node:net';

/** What a socket is made of, as far as it matters here; nothing public tells how much of a write the system has taken. */
interface Handle {
  readonly writeQueueSize?: number;
  /** The TCP socket below TLS. */
  readonly _parent?: Handle;
}

/**
 * Bytes that were given to a socket and not yet taken by the system, those of a write under way included, as far as
 * they are still there to be counted: encrypted ones wait in two places. 0 when the socket is closed.
 */
export function bytesInQueue(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: Handle | null };
  return (handle?.writeQueueSize ?? 0) + (handle?._parent?.writeQueueSize ?? 0);
}
