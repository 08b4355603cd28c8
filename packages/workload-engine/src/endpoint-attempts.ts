import { BenchError } from '@sai3bench/errors';
import type { EndpointPool } from '@sai3bench/multi-endpoint';
import { mayWorkElsewhere, mayWorkLater } from './request-result.ts';
import { retryPauseMs } from './stage/pause.ts';

/** Pauses before something whose error may pass has failed. */
const PAUSES = 4;
/** Endpoints that are tried one after the other, without a pause. */
const MOST_IN_TURN = 16;

/**
 * Does something that is not measured at an endpoint: where that may be any, at another when one cannot do it; when none
 * can and the error may pass, a few times more after pauses. Rejects with the last error, and at once with what is no
 * `BenchError`.
 *
 * @param fixed the only endpoint that can do it; undefined for any
 * @param act releases the endpoint that it gets
 * @param isOver whether nobody waits for it any more
 */
export async function attemptAtEndpoints<Result>(
  pool: Pick<EndpointPool<unknown>, 'acquire' | 'length'>,
  fixed: number | undefined,
  act: (endpoint: number) => Promise<Result>,
  isOver: () => boolean,
): Promise<Result> {
  const failed = new Set<number>();
  for (let pauses = 0; ;) {
    const endpoint = pool.acquire(fixed, failed);
    try {
      return await act(endpoint);
    } catch (error) {
      if (isOver() || !BenchError.is(error)) throw error;
      failed.add(endpoint);
      const others = fixed === undefined ? Math.min(pool.length, MOST_IN_TURN) - failed.size : 0;
      if (pauses === 0 && others > 0 && mayWorkElsewhere(error)) continue;
      if (!mayWorkLater(error) || pauses === PAUSES) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryPauseMs(++pauses, Math.random())));
      if (isOver()) throw error;
      // By then all are worth an attempt, the last one less than the others.
      failed.clear();
      if (pool.length > 1) failed.add(endpoint);
    }
  }
}
