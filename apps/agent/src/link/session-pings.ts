import type { Http2Session } from 'node:http2';

/** What is needed of a connection to ping it. */
export type PingedSession = Pick<Http2Session, 'destroyed' | 'destroy' | 'ping' | 'once'>;

/** When a connection counts as broken. */
export interface PingRule {
  readonly intervalMs: number;
  /** How long an answer may take. */
  readonly timeoutMs: number;
}

/**
 * Finds out when whoever is at the other end of a connection is gone without a word, as when its host has lost power: TCP
 * alone would not tell for hours.
 */
export function pingSession(session: PingedSession, { intervalMs, timeoutMs }: PingRule): void {
  let answerTimer: NodeJS.Timeout | undefined;
  const pings = setInterval(() => {
    if (session.destroyed || answerTimer !== undefined) return;
    const isSent = session.ping(() => {
      clearTimeout(answerTimer);
      answerTimer = undefined;
    });
    if (!isSent) return;
    answerTimer = setTimeout(() => {
      // An answer may have come while this process stood still: it is read first.
      setImmediate(() => {
        if (answerTimer !== undefined) session.destroy();
      });
    }, timeoutMs);
  }, intervalMs);
  pings.unref();
  session.once('close', () => {
    clearInterval(pings);
    clearTimeout(answerTimer);
  });
}
