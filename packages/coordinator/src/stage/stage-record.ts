import {
  formatRfc3339,
  type StageRecord,
  type StageResult,
  type StartRecord,
  type VerifyRecord,
} from '@sai3bench/results-dir';
import { endedOf } from '@sai3bench/stats';
import { runsMix, type Stage, type StageKind, type VerifyLevel } from '@sai3bench/workload-config';
import { endpointRecord, type WritingOptions } from './endpoint-record.ts';
import type { StageStart } from './stage-start.ts';
import type { StageTally } from './stage-tally.ts';
import { outWarningsOf, warningsOf } from './summary-warnings.ts';

/** What a record needs to know beside the result of its stage. */
export interface StageFacts {
  readonly stage: Stage;
  readonly start: StageStart;
  readonly tally: StageTally;
  /** What of GETs is compared with what was written. */
  readonly verify: VerifyLevel;
  readonly writing: WritingOptions;
  /** What is to be known of it as a whole. */
  readonly warnings: readonly string[];
}

/** What `metadata.json` says of a stage. */
export function stageRecord(
  result: StageResult,
  { stage, start, tally, verify, warnings, writing }: StageFacts,
): StageRecord {
  const summaries = tally.summaries();
  const starts = startRecords(start, tally);
  const achieved = starts.flatMap(({ achieved_ms }) => achieved_ms ?? []);
  const { stats } = result;
  return {
    name: result.name,
    kind: result.kind,
    optional: stage.optional,
    start_time: formatRfc3339(new Date(start.atMs)),
    wall_secs: result.wallMs / 1000,
    partial: result.partial ?? null,
    warnings: [
      ...summaries.flatMap(([id, summary]) =>
        [
          ...(summary.outcome === 'completed' ? warningsOf(summary, verify) : []),
          ...outWarningsOf(summary),
        ].map((text) => `${id}: ${text}`),
      ),
      ...warnings,
    ],
    operations: stats.operationCount(),
    errors: stats.errors(),
    retries: stats.retries(),
    cancelled: stats.cancelled(),
    clamped: stats.clamped,
    verify: verifyRecord(result, stage.kind, verify),
    stuck_threads: summaries.reduce((sum, [, { stuckWorkers }]) => sum + stuckWorkers, 0),
    start_skew_ms: achieved.length < 2 ? 0 : Math.max(...achieved) - Math.min(...achieved),
    clock_error_ms: start.worstErrorMs,
    starts,
    endpoints: summaries.flatMap(([agent, { endpoints }]) =>
      endpoints.map((endpoint) => endpointRecord(agent, endpoint, writing)),
    ),
  };
}

/** When each agent was to begin, and when it did. */
export function startRecords(
  { atMs, clockErrorsMs }: StageStart,
  tally: StageTally,
): StartRecord[] {
  return [...clockErrorsMs].map(([agent, clockErrorMs]) => {
    const { counts, summary } = tally.of(agent);
    const hasBegun = endedOf(counts) > 0;
    return {
      agent,
      planned_epoch_ms: round(atMs),
      achieved_ms: summary === undefined || !hasBegun ? null : round(summary.firstStartMs),
      clock_error_ms: round(clockErrorMs),
    };
  });
}

/** How far a stage has compared what it read; null of a stage that is not there to read. */
function verifyRecord(
  { stats }: StageResult,
  kind: StageKind,
  level: VerifyLevel,
): VerifyRecord | null {
  if (!runsMix(kind) && kind !== 'verify') return null;
  const { content, length, none } = stats.getChecks;
  return { level, content_compared: content, length_compared: length, not_compared: none };
}

/** To whole microseconds: what lies below says nothing. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
