import type { ActiveRun } from './active-run.ts';

/** From the order to begin to the common start: covers the way to the agents, besides their clock errors, ... */
const START_LEAD_MS = 50;
/** ... and the time that it takes to give the order to one more agent. */
const LEAD_PER_AGENT_MS = 0.5;

/** When all agents begin a stage. */
export interface StageStart {
  /** The instant on the controller's monotonic clock. */
  readonly instantNs: number;
  /** The same as a time of day, ms since 1970. */
  readonly atMs: number;
  /** How far the offset of the clock of each agent that takes part may be wrong at that instant, by id. */
  readonly clockErrorsMs: ReadonlyMap<string, number>;
  /** The largest of these. */
  readonly worstErrorMs: number;
}

/** Chooses one instant that the order to begin reaches all agents before. */
export function planStart(run: ActiveRun): StageStart {
  const active = run.team.participants;
  const nowNs = run.options.nowNs();
  const errorsNs = active
    .map(({ clock }) => clock.at(nowNs).errorNs)
    // An agent that is away since it was taken over has an unknown clock; nobody can wait for that.
    .filter(Number.isFinite);
  // A round trip is at most twice the error of the clock that was read by it.
  const leadNs =
    (START_LEAD_MS + LEAD_PER_AGENT_MS * active.length) * 1e6 + 4 * Math.max(0, ...errorsNs);
  const instantNs = nowNs + leadNs;
  const clockErrorsMs = new Map(
    active.map(({ clock, id }) => [id, clock.at(instantNs).errorNs / 1e6]),
  );
  return {
    instantNs,
    atMs: run.timeOfDayMs(instantNs),
    clockErrorsMs,
    worstErrorMs: Math.max(0, ...clockErrorsMs.values()),
  };
}
