/** When the work of a stage began and ended, in ms from the planned start of the stage. */
export class StageTimes {
  readonly #startAtNs: number;
  #firstStartNs = Infinity;
  #lastEndNs = 0;
  #cutShortMs: number | undefined;
  #ranDryMs: number | undefined;

  /** @param startAtNs instant of the monotonic clock, like all that is noted here */
  constructor(startAtNs: number) {
    this.#startAtNs = startAtNs;
  }

  /** Start of the first operation; 0 without operations. */
  get firstStartMs(): number {
    return this.#sinceStart(this.#firstStartNs);
  }

  /** End of the last operation; 0 without operations. */
  get lastEndMs(): number {
    return this.#sinceStart(this.#lastEndNs);
  }

  /** When the first worker was stopped before the time was up; undefined for none. */
  get cutShortMs(): number | undefined {
    return this.#cutShortMs;
  }

  /** When the first worker found nothing more to do; undefined for none. */
  get ranDryMs(): number | undefined {
    return this.#ranDryMs;
  }

  /** Notes the first start and the last end of operations of a worker. */
  noteWork(firstStartNs: number, lastEndNs: number): void {
    this.#firstStartNs = Math.min(this.#firstStartNs, firstStartNs);
    this.#lastEndNs = Math.max(this.#lastEndNs, lastEndNs);
  }

  /** Notes that operations are given up that never ended. */
  noteGivenUp(nowNs: number): void {
    this.#lastEndNs = nowNs;
  }

  noteCutShort(nowNs: number): void {
    this.#cutShortMs = Math.min(this.#cutShortMs ?? Infinity, this.#sinceStart(nowNs));
  }

  noteRanDry(instantNs: number): void {
    this.#ranDryMs = Math.min(this.#ranDryMs ?? Infinity, this.#sinceStart(instantNs));
  }

  /** From the start of the stage; 0 for an instant that never was. */
  #sinceStart(instantNs: number): number {
    return Number.isFinite(instantNs) && instantNs > 0 ? (instantNs - this.#startAtNs) / 1e6 : 0;
  }
}
