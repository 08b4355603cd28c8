/** When all agents begin a stage. */
export class StageStart {
  /** The instant on the controller's monotonic clock. */
  readonly instantNs: number;
  /** The same as a time of day, ms since 1970. */
  readonly atMs: number;
  readonly #clockErrorsMs: Map<string, number>;

  /** @param clockErrorsMs how far the offset of the clock of each agent may be wrong at that instant, by id */
  constructor(instantNs: number, atMs: number, clockErrorsMs: Iterable<readonly [string, number]>) {
    this.instantNs = instantNs;
    this.atMs = atMs;
    this.#clockErrorsMs = new Map(clockErrorsMs);
  }

  /** How far the offset of the clock of each agent that was told to begin may be wrong at that instant, by id. */
  get clockErrorsMs(): ReadonlyMap<string, number> {
    return this.#clockErrorsMs;
  }

  /** The largest of these. */
  get worstErrorMs(): number {
    return Math.max(0, ...this.#clockErrorsMs.values());
  }

  /** Notes an agent that could be told to begin only later than the others. */
  addLate(agentId: string, clockErrorMs: number): void {
    this.#clockErrorsMs.set(agentId, clockErrorMs);
  }
}
