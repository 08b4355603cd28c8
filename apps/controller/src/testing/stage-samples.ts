import type { EndedStage, StageView } from '@sai3bench/coordinator';
import type { AgentShare } from '@sai3bench/results-dir';
import {
  allocateRecorder,
  countDelta,
  type Operation,
  operationIndex,
  OperationStats,
  Recorder,
  RecorderReader,
} from '@sai3bench/stats';
import type { Stage } from '@sai3bench/workload-config';

/** What one agent did in a stage. */
export function shareOf(agentId: string, stats: OperationStats, wallMs: number): AgentShare {
  return { agentId, counts: countDelta(stats.toDelta()), stats, wallMs };
}

/** Statistics in which each operation took 1 ms and moved 1 MiB. */
export function statsOf(counts: Partial<Record<Operation, number>>, errors = 0): OperationStats {
  const memory = allocateRecorder();
  const recorder = new Recorder(memory);
  for (const [operation, count] of Object.entries(counts)) {
    const index = operationIndex(operation as Operation);
    for (let n = 0; n < count; n++) {
      recorder.started(index);
      recorder.succeeded(index, 1024 * 1024, 0, 0, 0, 1_000_000);
    }
    for (let n = 0; n < errors; n++) {
      recorder.started(index);
      recorder.failed(index);
    }
  }
  const stats = new OperationStats();
  stats.add(new RecorderReader(memory).takeDelta());
  return stats;
}

export function stageOf(kind: Stage['kind'], durationMs?: number): Stage {
  return {
    name: kind,
    kind,
    completion: 'tasks_done',
    durationMs,
    expectedTasks: undefined,
    command: undefined,
    timeoutMs: undefined,
    optional: false,
    barrier: {
      type: 'all_or_nothing',
      heartbeatIntervalMs: 30_000,
      missedThreshold: 3,
      queryTimeoutMs: 10_000,
      queryRetries: 2,
      agentBarrierTimeoutMs: 120_000,
    },
  };
}

export function viewOf(stage: Stage, more: Partial<StageView> = {}): StageView {
  return {
    number: 2,
    stages: 3,
    stage,
    elapsedMs: 1500,
    tasksDone: 63_888,
    tasksTotal: 64_000,
    directoriesDone: 0,
    directoriesTotal: 0,
    putOff: 0,
    errors: 0,
    operations: new Set(['PUT']),
    latest: statsOf({ PUT: 2 }),
    latestMs: 1000,
    endpoints: [],
    agents: 2,
    agentsDone: 1,
    silent: [],
    threads: 16,
    ...more,
  };
}

export function endOf(stage: Stage, more: Partial<EndedStage['result']> = {}): EndedStage {
  const stats = statsOf({ PUT: 4 }, 1);
  return {
    stage,
    view: viewOf(stage),
    failed: new Set(),
    unreported: new Set(),
    errors: [],
    result: {
      number: 2,
      name: stage.name,
      kind: stage.kind,
      wallMs: 2000,
      commonWindow: {
        windowMs: 1000,
        rates: [{ operationClass: 'PUT', opsPerSecond: 3, bytesPerSecond: 3 * 1024 * 1024 }],
      },
      stats,
      agents: [
        shareOf('agent-1', statsOf({ PUT: 3 }), 1000),
        shareOf('agent-2', statsOf({ PUT: 1 }, 1), 2000),
      ],
      partial: undefined,
      ...more,
    },
  };
}
