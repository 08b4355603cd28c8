import { describe, expect, it } from '@jest/globals';
import { allocateRecorder, operationIndex, Recorder, RecorderReader } from '@sai3bench/stats';
import { Terminal } from '@sai3bench/terminal';
import type { StagePlan } from '@sai3bench/workload-config';
import { AgentLog } from '../console/agent-log.ts';
import { StageReporter } from './stage-reporter.ts';

const PREPARE: StagePlan = {
  name: 'prepare',
  kind: 'prepare',
  completion: 'tasks_done',
  durationMs: undefined,
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

describe('the progress of a stage on an agent', () => {
  it('has its rate, its latencies and what is left, every ten seconds without a terminal', () => {
    const lines: string[] = [];
    const sink = { write: (text: string) => lines.push(text), isTTY: false, columns: 80 };
    const reporter = new StageReporter(new AgentLog(new Terminal(sink), false), PREPARE, 16);
    const memory = allocateRecorder();
    const recorder = new Recorder(memory);
    const reader = new RecorderReader(memory);
    const put = operationIndex('PUT');
    for (let second = 1; second <= 19; second++) {
      recorder.started(put);
      recorder.succeeded(put, 1024 * 1024, 0, 0, 0, 1_000_000);
      reporter.progress({
        interval: second,
        elapsedMs: second * 1000,
        stats: reader.takeDelta(),
        tasksDone: second,
        tasksTotal: 130,
        ...{ directoriesDone: 0, directoriesTotal: 0, putOff: second === 10 ? 3 : 0 },
        inFlight: 16,
        endpoints: [],
        cpu: { userPct: 0, systemPct: 0, iowaitPct: 0 },
      });
    }
    expect(lines.map((line) => line.replace(/[█░]+/, 'BAR'))).toEqual([
      'prepare BAR 10/130 objects (7%), about 2m 00s left, 16 threads | 1 ops/s | 1.00 MiB/s | p50 1,000.4 µs | p99 1,000.4 µs | 3 put off\n',
    ]);
  });

  it('is how long it has run of a program', () => {
    const lines: string[] = [];
    const sink = { write: (text: string) => lines.push(text), isTTY: false, columns: 80 };
    const stage: StagePlan = {
      ...PREPARE,
      ...{ name: 'drop', kind: 'custom', command: { program: 'sync', args: [] } },
    };
    const reporter = new StageReporter(new AgentLog(new Terminal(sink), false), stage, 16);
    const stats = new RecorderReader(allocateRecorder()).takeDelta();
    const nothingDone = { tasksDone: 0, tasksTotal: 0, directoriesDone: 0, directoriesTotal: 0 };
    reporter.progress({
      ...{ ...nothingDone, interval: 10, elapsedMs: 10_000, stats, putOff: 0, inFlight: 0 },
      ...{ endpoints: [], cpu: { userPct: 0, systemPct: 0, iowaitPct: 0 } },
    });
    const report = {
      ...{ stats, firstStartMs: 0, lastEndMs: 12_000, tasksDone: 0, tasksTotal: 0 },
      ...{ tasksExisted: 0, errors: [], endpoints: [], stuckWorkers: 0 },
    };
    reporter.ended({ ...report, outcome: 'completed' });
    reporter.ended({ ...report, outcome: 'failed' });
    expect(lines).toEqual([
      'drop has run for 10s\n',
      '✓ drop: ended after 12s\n',
      '✗ drop failed after 12s\n',
    ]);
  });
});
