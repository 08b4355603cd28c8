// npm run bench:pick: what it costs to choose an endpoint and to count the request, by strategy and number of endpoints.
import {
  allocateEndpointBoard,
  allocateEndpointCounters,
  DEFAULT_BREAKER,
  EndpointCounters,
  EndpointPool,
  SELECTION_STRATEGIES,
  type SelectionStrategy,
} from '@sai3bench/multi-endpoint';

/** Requests under way, as a busy worker has them. */
const IN_FLIGHT = 64;
const PICKS = 500_000;
const ROUNDS = 5;

/** Nanoseconds for one choice and its release; `out` endpoints are out meanwhile. */
function nanosecondsPerPick(strategy: SelectionStrategy, count: number, out: number): number {
  const nowNs = (): number => performance.now() * 1e6;
  const pool = new EndpointPool(new Array<string>(count).fill(''), {
    strategy,
    weights: Array.from({ length: count }, (_, endpoint) => 1 + (endpoint % 7)),
    breaker: { ...DEFAULT_BREAKER, pauseMs: 1e9, longestPauseMs: 1e9 },
    startAt: 0,
    board: allocateEndpointBoard(count),
    counters: new EndpointCounters(allocateEndpointCounters(count)),
    nowNs,
    random: Math.random,
  });
  for (let n = 0; n < out * DEFAULT_BREAKER.failures; n++) {
    pool.release(pool.acquire(n % out), 'failed', 1e6, 0, 0);
  }
  const underWay = Array.from({ length: IN_FLIGHT }, () => pool.acquire());
  const startNs = nowNs();
  for (let n = 0; n < PICKS; n++) {
    const slot = n % IN_FLIGHT;
    pool.release(underWay[slot] ?? 0, 'succeeded', 1e6, 4096, 0);
    underWay[slot] = pool.acquire();
  }
  return (nowNs() - startNs) / PICKS;
}

console.log('strategy            endpoints  of them out  ns per choice');
for (const strategy of SELECTION_STRATEGIES) {
  for (const [count, out] of [
    [1, 0],
    [16, 0],
    [16, 4],
    [1024, 0],
    [1024, 256],
  ] as const) {
    const rounds = Array.from({ length: ROUNDS }, () => nanosecondsPerPick(strategy, count, out));
    const best = Math.min(...rounds).toFixed(0);
    console.log(
      `${strategy.padEnd(20)}${String(count).padStart(9)}${String(out).padStart(13)}${best.padStart(15)}`,
    );
  }
}
