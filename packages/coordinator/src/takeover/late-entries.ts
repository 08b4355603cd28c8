import { statsToText, summaryToText } from '../stage/report-text.ts';
import type { StageSession } from '../stage/stage-session.ts';
import type { LateEntry } from './journal-entries.ts';

/**
 * What another controller needs to write the results of stages again that are over but for agents that were left behind.
 *
 * @param sessions by position of the stage
 * @param withoutSecrets takes secrets out of a text
 */
export function lateEntries(
  sessions: ReadonlyMap<number, StageSession>,
  withoutSecrets: (text: string) => string,
): LateEntry[] {
  return [...sessions]
    .filter(([, { isUnderWay }]) => isUnderWay)
    .map(([stage, session]) => lateEntry(stage, session, withoutSecrets));
}

function lateEntry(
  stage: number,
  session: StageSession,
  withoutSecrets: (text: string) => string,
): LateEntry {
  const { atMs, clockErrorsMs } = session.start;
  const { agents } = session.tally;
  const ended = [...agents].filter(([id]) => !session.working.has(id));
  // Of agents with a gap, the rows say what is known.
  return {
    ...{ type: 'late', stage, atMs, clockErrorsMs: Object.fromEntries(clockErrorsMs) },
    ...{ participants: [...agents.keys()], working: [...session.working] },
    summaries: ended.flatMap(([agentId, { summary }]) =>
      summary === undefined
        ? []
        : [{ agentId, bytes: summaryToText(stage, summary, withoutSecrets) }],
    ),
    unfinished: ended.flatMap(([agentId, { elapsedMs, hasGap, stats, summary }]) =>
      summary === undefined && !hasGap
        ? [{ agentId, elapsedMs, bytes: statsToText(stats.toDelta()) }]
        : [],
    ),
    rows: session.rows.state(),
  };
}
