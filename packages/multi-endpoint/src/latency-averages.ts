import type { EndpointBoard } from './endpoint-board.ts';

/** Share of the newest sample in an average: about the last twenty requests count. */
const NEWEST = 0.1;
/** How much slower than usual a failure counts, so that an endpoint that fails fast does not look fast. */
const FAILURE_FACTOR = 10;
/** After so long without a request an average counts half, so that an endpoint that was slow once is tried again. */
const HALVED_AFTER_NS = 1e9;

/** Exponentially weighted moving averages of the latencies of endpoints, common to all workers of an agent. */
export class LatencyAverages {
  readonly #board: EndpointBoard;
  readonly #nowNs: () => number;

  constructor(board: EndpointBoard, nowNs: () => number) {
    this.#board = board;
    this.#nowNs = nowNs;
  }

  /** How long requests took lately, in ns; 0 when that is not known. Fades while nothing is under way. */
  at(endpoint: number): number {
    const { averagedAtNs, averageNs, inFlight } = this.#board;
    const average = averageNs[endpoint] ?? 0;
    // With requests under way that are not answered, silence is no sign of speed.
    if (average === 0 || inFlight[endpoint] !== 0) return average;
    const idleNs = Math.max(0, this.#nowNs() - (averagedAtNs[endpoint] ?? 0));
    return (average * HALVED_AFTER_NS) / (HALVED_AFTER_NS + idleNs);
  }

  /** Adds one request. */
  note(endpoint: number, latencyNs: number, failed: boolean): void {
    const { averagedAtNs, averageNs } = this.#board;
    const average = averageNs[endpoint] ?? 0;
    const sample = failed ? Math.max(latencyNs, average * FAILURE_FACTOR) : latencyNs;
    averageNs[endpoint] = average === 0 ? sample : average + NEWEST * (sample - average);
    averagedAtNs[endpoint] = this.#nowNs();
  }
}
