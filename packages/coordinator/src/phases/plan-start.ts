import type { ActiveRun } from '../run/active-run.ts';
import { StageStart } from '../stage/stage-start.ts';

/** From the order to begin to the common start: covers the way to the agents, besides their clock errors, ... */
const START_LEAD_MS = 50;
/** ... and the time that it takes to give the order to one more agent. */
const LEAD_PER_AGENT_MS = 0.5;

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
