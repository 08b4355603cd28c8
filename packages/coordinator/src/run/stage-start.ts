import type { ActiveRun } from './active-run.ts';

/** From the order to begin to the common start: covers the way to the agents, besides their clock errors, ... */
const START_LEAD_MS = 50;
/** ... and the time that it takes to give the order to one more agent. */
const LEAD_PER_AGENT_MS = 0.5;

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

/** Chooses one instant that the order to begin reaches all agents before whose clocks are known. */
export function planStart(run: ActiveRun): StageStart {
  const members = run.team.participants.filter(({ clock }) => clock.isKnown);
  const nowNs = run.options.nowNs();
  const errorsNs = members.map(({ clock }) => clock.at(nowNs).errorNs);
  // A round trip is at most twice the error of the clock that was read by it.
  const leadNs =
    (START_LEAD_MS + LEAD_PER_AGENT_MS * members.length) * 1e6 + 4 * Math.max(0, ...errorsNs);
  const instantNs = nowNs + leadNs;
  return new StageStart(
    instantNs,
    run.timeOfDayMs(instantNs),
    members.map(({ clock, id }) => [id, clock.at(instantNs).errorNs / 1e6] as const),
  );
}
