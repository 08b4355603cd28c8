import {
  type Breaker,
  BREAKER_STATES,
  type BreakerInput,
  type BreakerSettings,
  outNs,
  stepBreaker,
} from './circuit-breaker.ts';
import type { EndpointBoard } from './endpoint-board.ts';
import type { RequestResult } from './request-result.ts';

const CLOSED = BREAKER_STATES.indexOf('closed');
/** The lock is held for less than a microsecond, unless its holder is interrupted by the system. */
const LOCK_WAIT_MS = 1;

const INPUTS: Readonly<Record<RequestResult, BreakerInput>> = {
  succeeded: 'success',
  // Whoever refuses a request is alive.
  refused: 'success',
  failed: 'failure',
  withdrawn: 'withdrawal',
};

/** The circuit breakers of all endpoints, common to all workers of an agent. At least one stays closed. */
export class SharedBreakers {
  readonly #board: EndpointBoard;
  readonly #settings: BreakerSettings;
  readonly #nowNs: () => number;

  /** @param nowNs a clock that all workers share */
  constructor(board: EndpointBoard, settings: BreakerSettings, nowNs: () => number) {
    this.#board = board;
    this.#settings = settings;
    this.#nowNs = nowNs;
  }

  /** Whether every endpoint takes requests. */
  get allIn(): boolean {
    return Atomics.load(this.#board.outCount, 0) === 0;
  }

  /** Whether an endpoint takes requests other than probes. */
  isIn(endpoint: number): boolean {
    return this.#board.state[endpoint] === CLOSED;
  }

  /** The endpoint that the next request is to try, if the pause of one is over: that request is its probe. */
  probe(): number | undefined {
    const { nextProbeNs, outCount } = this.#board;
    if (outCount[0] === 0) return undefined;
    const nowNs = this.#nowNs();
    if (nowNs < (nextProbeNs[0] ?? 0)) return undefined;
    return this.#locked(() => {
      const due = this.#nextDue();
      if (due === undefined || this.#at(due).probeAtNs > nowNs) return undefined;
      this.#step(due, 'probe', nowNs);
      return due;
    });
  }

  /** Notes how a request ended. */
  note(endpoint: number, result: RequestResult): void {
    const { failuresInRow, state } = this.#board;
    const input = INPUTS[result];
    const isClosed = state[endpoint] === CLOSED;
    if (
      isClosed &&
      (input === 'withdrawal' || (input === 'success' && failuresInRow[endpoint] === 0))
    ) {
      return;
    }
    const nowNs = this.#nowNs();
    this.#locked(() => {
      this.#step(endpoint, input === 'failure' ? this.#failureOf(endpoint) : input, nowNs);
    });
  }

  /** How long an endpoint has been out since the start of the run, up to an instant. */
  outNs(endpoint: number, atNs: number): number {
    return this.#locked(() => outNs(this.#at(endpoint), atNs));
  }

  /** Whether a failure is one too many: not at the last endpoint, whatever it does. */
  #failureOf(endpoint: number): 'failure' | 'limit' {
    const { length, outCount } = this.#board;
    const { failures } = this.#settings;
    const othersIn = length - (outCount[0] ?? 0) > 1;
    const reached = failures > 0 && this.#at(endpoint).failuresInRow + 1 >= failures;
    return reached && othersIn ? 'limit' : 'failure';
  }

  #step(endpoint: number, input: BreakerInput, nowNs: number): void {
    const {
      failuresInRow,
      nextProbeNs,
      outBeforeNs,
      outCount,
      outSinceNs,
      pauses,
      probeAtNs,
      state,
    } = this.#board;
    const before = this.#at(endpoint);
    const after = stepBreaker(before, input, nowNs, this.#settings);
    failuresInRow[endpoint] = after.failuresInRow;
    pauses[endpoint] = after.pauses;
    probeAtNs[endpoint] = after.probeAtNs;
    outSinceNs[endpoint] = after.outSinceNs;
    outBeforeNs[endpoint] = after.outBeforeNs;
    state[endpoint] = BREAKER_STATES.indexOf(after.state);
    if (before.state === 'closed' && after.state === 'closed') return;
    const change = Number(before.state === 'closed') - Number(after.state === 'closed');
    outCount[0] = (outCount[0] ?? 0) + change;
    const due = this.#nextDue();
    nextProbeNs[0] = due === undefined ? 0 : (probeAtNs[due] ?? 0);
  }

  /** The endpoint that is out and whose probe comes first. */
  #nextDue(): number | undefined {
    const { length, probeAtNs, state } = this.#board;
    let next: number | undefined;
    let nextAtNs = Infinity;
    for (let endpoint = 0; endpoint < length; endpoint++) {
      const atNs = probeAtNs[endpoint] ?? 0;
      if (state[endpoint] === CLOSED || atNs >= nextAtNs) continue;
      next = endpoint;
      nextAtNs = atNs;
    }
    return next;
  }

  #at(endpoint: number): Breaker {
    const board = this.#board;
    return {
      state: BREAKER_STATES[board.state[endpoint] ?? CLOSED] ?? 'closed',
      failuresInRow: board.failuresInRow[endpoint] ?? 0,
      pauses: board.pauses[endpoint] ?? 0,
      probeAtNs: board.probeAtNs[endpoint] ?? 0,
      outSinceNs: board.outSinceNs[endpoint] ?? 0,
      outBeforeNs: board.outBeforeNs[endpoint] ?? 0,
    };
  }

  #locked<Value>(act: () => Value): Value {
    const { lock } = this.#board;
    while (Atomics.compareExchange(lock, 0, 0, 1) !== 0) Atomics.wait(lock, 0, 1, LOCK_WAIT_MS);
    try {
      return act();
    } finally {
      Atomics.store(lock, 0, 0);
      Atomics.notify(lock, 0, 1);
    }
  }
}
