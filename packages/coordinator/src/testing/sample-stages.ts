import type { AgentDirectory, LedgerRow, PerfRow, StageResult } from '@sai3bench/results-dir';
import { parseWorkload, type Stage } from '@sai3bench/workload-config';
import { planRun } from '../run/plan-run.ts';
import { StageSession } from '../stage/stage-session.ts';
import { StageStart } from '../stage/stage-start.ts';
import { EXECUTE, PREPARE, WORKLOAD } from './fake-runs.ts';

const SAMPLE = parseWorkload(WORKLOAD, 'w.yaml');
/** When sample stages began, ms since 1970. */
const SAMPLE_START_MS = 1_000_000;

/** A stage of two agents or of those that are named. */
export interface SampleStage {
  readonly kind?: 'prepare' | 'execute';
  readonly ids?: readonly string[];
  readonly elapsedMs?: number;
}

/** The stage that prepares, or the one that executes, of a workload. */
function sampleStage(kind: 'prepare' | 'execute' = 'execute'): Stage {
  const stage = SAMPLE.stages[kind === 'prepare' ? PREPARE : EXECUTE];
  if (stage === undefined) throw new RangeError(`there is no stage ${kind}`);
  return stage;
}

/** A session that writes into memory. */
export function sampleSession(
  files: WrittenTables,
  { elapsedMs = 0, ids = ['a', 'b'], kind = 'execute' }: SampleStage = {},
): StageSession {
  const agents = ids.map((id) => ({ id, address: `${id}:1`, entry: undefined }));
  const plans = planRun(SAMPLE, agents, { runId: 'run', dataSeed: '1' });
  return new StageSession({
    stage: sampleStage(kind),
    ...{ number: 2, stages: 4, results: files, writing: SAMPLE, verify: SAMPLE.verify },
    members: plans.map((plan) => ({ id: plan.agentId, plan })),
    start: new StageStart(0, SAMPLE_START_MS, []),
    elapsedMs: () => elapsedMs,
    now: () => new Date(SAMPLE_START_MS),
    testName: 'test',
  });
}

/** What stages write into a results directory, in memory: of statistics, how many operations they hold. */
export class WrittenTables {
  readonly rows: number[] = [];
  /** By agent id. */
  readonly agentRows: (readonly [string, number])[] = [];
  readonly agentTables: (readonly [string, number])[] = [];
  readonly stages: StageResult[] = [];
  readonly ledger: LedgerRow[] = [];

  addPerfRow({ stats }: PerfRow): void {
    this.rows.push(stats.operationCount());
  }

  agent(agentId: string): Pick<AgentDirectory, 'addPerfRow' | 'addStage'> {
    return {
      addPerfRow: ({ stats }) => {
        this.agentRows.push([agentId, stats.operationCount()]);
      },
      addStage: (_, stats) => {
        this.agentTables.push([agentId, stats.operationCount()]);
      },
    };
  }

  writeStage(result: StageResult): void {
    this.stages.push(result);
  }

  addLedger(rows: readonly LedgerRow[]): void {
    this.ledger.push(...rows);
  }
}
