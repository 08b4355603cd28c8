import { operationIndex, type Recorder } from '@sai3bench/stats';

const PUT = operationIndex('PUT');
/** Pieces of at least this size take microseconds: each of them is timed. */
const ALWAYS_BYTES = 64 * 1024;
/** Of smaller pieces one in so many is timed, and stands for all of them. */
const SAMPLED_EVERY = 16;
const CALIBRATIONS = 64;

/**
 * Measures how long the payloads of PUTs take to generate, without costing what it measures: making 4 KiB takes less
 * time than two readings of the clock.
 */
export class GenerateMeter {
  readonly nowNs: () => number;
  readonly #recorder: Pick<Recorder, 'generated'>;
  readonly #clockNs: number;
  #small = 0;

  constructor(recorder: Pick<Recorder, 'generated'>, nowNs: () => number) {
    this.#recorder = recorder;
    this.nowNs = nowNs;
    this.#clockNs = clockCostNs(nowNs);
  }

  /** How many pieces the measurement of the next one stands for; 0 when it need not be measured. */
  weightOf(lengthBytes: number): number {
    if (lengthBytes >= ALWAYS_BYTES) return 1;
    if (++this.#small < SAMPLED_EVERY) return 0;
    this.#small = 0;
    return SAMPLED_EVERY;
  }

  /**
   * Records a piece that was measured.
   *
   * @param apart whether it was made before the clock of its PUT started, as the first piece is
   */
  measured(elapsedNs: number, weight: number, apart: boolean): void {
    this.#recorder.generated(PUT, Math.max(0, elapsedNs - this.#clockNs) * weight, apart);
  }
}

/** What lies between two readings of the clock with nothing in between, at best. */
function clockCostNs(nowNs: () => number): number {
  let costNs = Infinity;
  for (let i = 0; i < CALIBRATIONS; i++) {
    const startNs = nowNs();
    costNs = Math.min(costNs, nowNs() - startNs);
  }
  return costNs;
}
