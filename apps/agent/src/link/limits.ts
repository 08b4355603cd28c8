/** What somebody who reaches the port may use of an agent. */

/** Messages larger than this are refused: plans and commands are small. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** What controllers take: nothing larger is sent. */
export const MAX_SENT_BYTES = 64 * 1024 * 1024;
/**
 * Connections at a time: a run takes one, and a few more look at the agent. Of those who have not been let in, the oldest
 * makes room for the next.
 */
export const MAX_CONNECTIONS = 256;
/** Requests at a time on one connection. */
export const MAX_STREAMS = 32;
/** Headers of a request. */
export const MAX_HEADER_BYTES = 16 * 1024;
/** How long somebody may be connected without a request that is let in. */
export const ENTRY_LIMIT_MS = 10_000;
/** HTTP/2 flow control windows: the default of 64 KiB limits a long link to a few hundred KiB/s. */
export const WINDOW_BYTES = 4 * 1024 * 1024;

/** How a controller that is gone without a word is found out. What it says itself is watched besides. */
export const PINGS = { intervalMs: 10_000, timeoutMs: 20_000 } as const;
