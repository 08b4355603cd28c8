/** How the controller tells that an agent is alive; see `barrier` in docs/configuration.md. */
export interface LivenessRule {
  readonly heartbeatIntervalMs: number;
  readonly missedThreshold: number;
  readonly queryTimeoutMs: number;
  readonly queryRetries: number;
}

/** What is known of an agent. Times are of any one clock. */
export interface LivenessFacts {
  /** When anything was last heard of it. */
  readonly heardAtMs: number;
  /** Queries since then, and when the latest was sent. */
  readonly queries: number;
  readonly queriedAtMs: number;
}

export type LivenessVerdict = 'alive' | 'query' | 'waiting' | 'dead';

/**
 * Whether an agent is alive. Anything that it sends shows that it is, however long its work takes. After
 * `missedThreshold` missed heartbeats it is asked; when `queryRetries` further questions stay without an answer for
 * `queryTimeoutMs` each, it is dead.
 */
export function judgeLiveness(
  rule: LivenessRule,
  facts: LivenessFacts,
  nowMs: number,
): LivenessVerdict {
  const silentMs = nowMs - facts.heardAtMs;
  if (silentMs <= rule.heartbeatIntervalMs * rule.missedThreshold) return 'alive';
  if (facts.queries === 0) return 'query';
  if (nowMs - facts.queriedAtMs < rule.queryTimeoutMs) return 'waiting';
  return facts.queries > rule.queryRetries ? 'dead' : 'query';
}
