/**
 * The circuit breaker of one endpoint, as pure functions of its state, what happens to it, and the time.
 *
 *              limit               probe
 *   closed ------------> open ---------------> half_open
 *     ^                   ^      failure,          |
 *     |                   +------ withdrawal ------+
 *     |                                            |
 *     +----------------- success ------------------+
 */
export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;

/** `closed`: takes requests. `open`: takes none. `half_open`: takes one, which shows whether it is back. */
export type BreakerState = (typeof BREAKER_STATES)[number];

export const BREAKER_INPUTS = ['success', 'failure', 'limit', 'probe', 'withdrawal'] as const;

/**
 * `success`: it has answered. `failure`: it has not, or only that it cannot. `limit`: the same, once too often,
 * while another endpoint is in. `probe`: its pause is over and a request is there to try it with. `withdrawal`: a
 * request was taken back, which says nothing about it.
 */
export type BreakerInput = (typeof BREAKER_INPUTS)[number];

/** When an endpoint is taken out, and when it is tried again. */
export interface BreakerSettings {
  /** Failures in a row that take it out; 0 when it is never taken out. */
  readonly failures: number;
  /** From the last failure to the first probe; doubles with every probe that fails. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

export const DEFAULT_BREAKER: BreakerSettings = {
  failures: 5,
  pauseMs: 1_000,
  longestPauseMs: 30_000,
};

/** Everything that is known of a breaker. */
export interface Breaker {
  readonly state: BreakerState;
  readonly failuresInRow: number;
  /** Pauses since it was last in; 0 while it is. */
  readonly pauses: number;
  /** When the next request may try it. */
  readonly probeAtNs: number;
  readonly outSinceNs: number;
  /** How long it was out before. */
  readonly outBeforeNs: number;
}

type Act =
  | 'none'
  | 'forget-failures'
  | 'count'
  | 'take-out'
  | 'pause-longer'
  | 'await'
  | 'retry'
  | 'bring-back';

interface Row {
  readonly state: BreakerState;
  readonly act: Act;
}

/** Every input in every state. Answers to older requests arrive in any state. */
const TABLE: Readonly<Record<BreakerState, Readonly<Record<BreakerInput, Row>>>> = {
  closed: {
    success: { state: 'closed', act: 'forget-failures' },
    failure: { state: 'closed', act: 'count' },
    limit: { state: 'open', act: 'take-out' },
    probe: { state: 'closed', act: 'none' },
    withdrawal: { state: 'closed', act: 'none' },
  },
  open: {
    success: { state: 'open', act: 'none' },
    failure: { state: 'open', act: 'none' },
    limit: { state: 'open', act: 'none' },
    probe: { state: 'half_open', act: 'await' },
    withdrawal: { state: 'open', act: 'none' },
  },
  half_open: {
    success: { state: 'closed', act: 'bring-back' },
    failure: { state: 'open', act: 'pause-longer' },
    limit: { state: 'open', act: 'pause-longer' },
    // The first one was not answered for a whole pause.
    probe: { state: 'half_open', act: 'await' },
    withdrawal: { state: 'open', act: 'retry' },
  },
};

/** What becomes of a breaker. */
export function stepBreaker(
  breaker: Breaker,
  input: BreakerInput,
  nowNs: number,
  settings: BreakerSettings,
): Breaker {
  const { act, state } = TABLE[breaker.state][input];
  const { failuresInRow, pauses } = breaker;
  const pausing = (count: number): Pick<Breaker, 'pauses' | 'probeAtNs'> => ({
    pauses: count,
    probeAtNs: nowNs + pauseNs(count, settings),
  });
  switch (act) {
    case 'none':
      return breaker;
    case 'forget-failures':
      return { ...breaker, failuresInRow: 0 };
    case 'count':
      return { ...breaker, failuresInRow: failuresInRow + 1 };
    case 'take-out':
      return { ...breaker, state, ...pausing(1), failuresInRow: 0, outSinceNs: nowNs };
    case 'pause-longer':
      return { ...breaker, state, ...pausing(pauses + 1) };
    case 'await':
      return { ...breaker, state, ...pausing(pauses) };
    case 'retry':
      return { ...breaker, state, probeAtNs: nowNs };
    case 'bring-back':
      return { ...breaker, state, failuresInRow: 0, pauses: 0, outBeforeNs: outNs(breaker, nowNs) };
  }
}

/** How long it has been out altogether, up to an instant at which nothing later has happened to it. */
export function outNs({ outBeforeNs, outSinceNs, state }: Breaker, atNs: number): number {
  return state === 'closed' ? outBeforeNs : outBeforeNs + Math.max(0, atNs - outSinceNs);
}

function pauseNs(pauses: number, { longestPauseMs, pauseMs }: BreakerSettings): number {
  return Math.min(pauseMs * 2 ** (pauses - 1), longestPauseMs) * 1e6;
}
