/** Agents report every second of a stage. So many later, the rates of the others are shown without them. */
const SILENT_AFTER_MS = 3_000;

/** An agent at work on a stage that has not told for a while how it gets on. */
export interface SilentAgent {
  readonly agentId: string;
  /** Since the time that its latest report is of, or since the start of the stage. */
  readonly silentMs: number;
}

/**
 * Agents whose reports do not come. It is no failure yet: the barrier decides how long that may go on.
 *
 * @param working ids of the agents that are to report
 * @param tallies the time of the latest report of each, since the start of the stage
 * @param elapsedMs since the start of the stage
 */
export function silentAgents(
  working: Iterable<string>,
  tallies: ReadonlyMap<string, { readonly elapsedMs: number }>,
  elapsedMs: number,
): SilentAgent[] {
  return [...working].flatMap((agentId) => {
    const silentMs = elapsedMs - (tallies.get(agentId)?.elapsedMs ?? 0);
    return silentMs < SILENT_AFTER_MS ? [] : [{ agentId, silentMs }];
  });
}
