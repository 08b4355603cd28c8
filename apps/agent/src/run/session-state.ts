import {
  type RunEffect,
  type RunInput,
  type RunState,
  runTransition,
} from '@sai3bench/barrier-protocol';
import { BenchError, summarizeError } from '@sai3bench/errors';
import type { AgentLog } from '../console/agent-log.ts';
import { violationError } from './session-errors.ts';

/** Where a run on this agent is in its life, which is the table in `barrier-protocol`, and why it failed if it did. */
export class SessionState {
  readonly #log: AgentLog;
  readonly #perform: (effect: RunEffect) => void;
  #current: RunState = 'idle';
  #failure = new BenchError('no failure', { code: 'NONE', class: 'internal' });
  #violation = '';

  /** @param perform carries out what follows from an input; further inputs may come of it */
  constructor(log: AgentLog, perform: (effect: RunEffect) => void) {
    this.#log = log;
    this.#perform = perform;
  }

  get current(): RunState {
    return this.#current;
  }

  /** Whether nothing can stop the run any more, because it stops or has ended. */
  get isEnding(): boolean {
    return this.#current === 'ended' || this.#current === 'stopping';
  }

  /** Why the run failed. */
  get failure(): BenchError {
    return this.#failure;
  }

  /** What did not fit the state it came in. */
  get violation(): BenchError {
    return violationError(this.#violation);
  }

  /** Goes on to what follows from an input, and has its effects carried out. */
  take(input: RunInput, reason: string): void {
    const before = this.#current;
    const { effects, state } = runTransition(before, input);
    this.#current = state;
    if (state !== before) this.#log.debug(`Run: ${before} -> ${state} (${input}: ${reason})`);
    if (effects.includes('report-violation')) {
      this.#violation = `"${input}" does not fit the state "${before}"`;
    }
    for (const effect of effects) this.#perform(effect);
  }

  /** Ends the run with an error that goes to the controller. */
  fail(error: unknown): void {
    this.#failure = BenchError.from(error);
    this.take('failure', summarizeError(error));
  }

  /** Notes that the process that does the I/O has ended without having been told to. */
  hostDied(error: BenchError): void {
    this.#failure = error;
    this.take('host-gone', error.message);
  }
}
