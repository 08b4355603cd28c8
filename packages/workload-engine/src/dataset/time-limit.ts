import { BenchError } from '@sai3bench/errors';

/** Says when something has to end: after a while, or with what it is a part of. Turn it {@link off} when it is over. */
export class TimeLimit {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #whole: AbortSignal | undefined;

  /** @param whole what this is a part of */
  constructor(limitMs: number, whole?: AbortSignal) {
    this.#timer = setTimeout(this.end, limitMs);
    this.#whole = whole;
    if (whole?.aborted === true) this.end();
    whole?.addEventListener('abort', this.end);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Says that it gets on: the time begins anew. */
  readonly movedOn = (): void => {
    this.#timer.refresh();
  };

  /** Says that it has to end now. */
  readonly end = (): void => {
    this.#abort.abort();
  };

  off(): void {
    clearTimeout(this.#timer);
    this.#whole?.removeEventListener('abort', this.end);
  }
}

/** Does work that is to heed a limit. */
export async function within<Result>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = new TimeLimit(limitMs);
  try {
    return await work(limit.signal);
  } finally {
    limit.off();
  }
}

/**
 * Waits for work, but not beyond an abort: what is under way then may go on. After it, no work is begun.
 *
 * @throws BenchError `TIME_LIMIT` when it is aborted
 */
export async function untilAborted<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  if (signal.aborted) throw tooLate();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    reject(tooLate());
  };
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work(), late]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** That something was given up. */
export function tooLate(): BenchError {
  return new BenchError('it took too long', { code: 'TIME_LIMIT', class: 'timeout' });
}
