import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { PlainErrorGroup } from '@sai3bench/barrier-protocol';
import { parseTsv, type RunMetadata } from '@sai3bench/results-dir';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { fakeRuns, PREPARE, EXECUTE, startErrorNs } from '../testing/fake-runs.ts';
import { exitCodeOf } from './run-outcome.ts';

const run = fakeRuns();

describe('coordinateRun()', () => {
  it('takes all agents through all stages and leaves their results', async () => {
    const behavior: FakeBehavior = {
      onStage: (agent) => {
        agent.progress(1, 7);
        agent.summary(7, 900);
      },
    };
    const { events, fakes, outcome, path, read } = await run({ behaviors: [behavior, behavior] });
    const kinds = ['validation', 'prepare', 'execute', 'cleanup'];
    expect(outcome).toEqual({
      ...{ kind: 'completed', failures: [], operations: 56, errors: 0 },
      begun: kinds.map((kind) => ({ kind, isWhole: true })),
      unconfirmed: [],
      optionalFailures: [],
    });
    expect(exitCodeOf(outcome)).toBe(0);
    expect(events.filter((event) => event === 'stageEnded')).toHaveLength(4);
    for (const { closed, commands } of fakes) {
      expect(commands.filter((command) => command === 'beginStage')).toHaveLength(4);
      expect(commands.at(-1)).toBe('finishRun');
      expect(closed).toBe(true);
    }
    const prepare = parseTsv(read('02_prepare_results.tsv'));
    expect(prepare.find((row) => row['operation'] === 'PUT')?.['count']).toBe('14');
    expect(read('STATUS.txt')).toContain('TEST STATUS: SUCCESS');
    expect(read('STATUS.txt')).toContain('Total operations: 56');
    const metadata = JSON.parse(read('metadata.json')) as Record<string, unknown>;
    expect(metadata['duration_secs']).toBeCloseTo(3.6, 5);
    expect(JSON.parse(read('agents/agent-2/metadata.json'))).toMatchObject({
      agent_id: 'agent-2',
      kernel: 'fake',
    });
    expect(existsSync(join(path, 'agents/agent-1/perf_log.tsv'))).toBe(true);
  });

  it('lets no agent begin a stage before all have ended the one before', async () => {
    let slowDone = false;
    let tooEarly = false;
    const { outcome } = await run({
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === EXECUTE && !slowDone) tooEarly = true;
            agent.summary(1, 1);
          },
        },
        {
          onStage: (agent, stage) => {
            const delayMs = stage === PREPARE ? 300 : 0;
            setTimeout(() => {
              if (stage === PREPARE) slowDone = true;
              agent.summary(1, 1);
            }, delayMs);
          },
        },
      ],
    });
    expect(outcome.kind).toBe('completed');
    expect(tooEarly).toBe(false);
  });

  it('orders one start instant, translated to the clock of each agent', async () => {
    const before = Number(process.hrtime.bigint()) + 5e9;
    const { fakes, read } = await run({ behaviors: [{}, {}] });
    const [a, b] = fakes.map(({ startsNs }) => startsNs);
    const { stages } = JSON.parse(read('metadata.json')) as RunMetadata;
    expect(a).toHaveLength(stages.length);
    for (const [index, startNs] of (a ?? []).entries()) {
      // The fake clocks are 5 s ahead; they are measured to within half a round trip.
      expect(startNs).toBeGreaterThan(before);
      const apartNs = Math.abs(startNs - (b?.[index] ?? 0));
      expect(apartNs).toBeLessThanOrEqual(startErrorNs(stages[index]));
    }
  });

  it('records of every agent when it was to begin and when it did, and how well that is known', async () => {
    const startsAt = (firstStartMs: number): FakeBehavior => ({
      onStage: (agent) => {
        agent.summary(1, 100, { firstStartMs });
      },
    });
    const { read } = await run({ behaviors: [startsAt(0.25), startsAt(3.5), {}] });
    const { stages } = JSON.parse(read('metadata.json')) as {
      stages: {
        start_time: string;
        clock_error_ms: number;
        starts: { planned_epoch_ms: number; clock_error_ms: number }[];
      }[];
    };
    const {
      clock_error_ms: worstErrorMs = 0,
      start_time: startTime = '',
      starts = [],
    } = stages[PREPARE] ?? {};
    expect(starts).toMatchObject([
      { agent: 'agent-1', achieved_ms: 0.25 },
      { agent: 'agent-2', achieved_ms: 3.5 },
      { agent: 'agent-3', achieved_ms: null },
    ]);
    for (const { clock_error_ms: errorMs, planned_epoch_ms: plannedMs } of starts) {
      expect(Math.floor(plannedMs)).toBe(Date.parse(startTime));
      expect(errorMs).toBeGreaterThan(0);
      expect(errorMs).toBeLessThanOrEqual(worstErrorMs + 0.001);
    }
  });

  it('warns of agents that begin far apart, at once and in the results', async () => {
    const startsAt = (firstStartMs: number): FakeBehavior => ({
      onStage: (agent, stage) => {
        agent.summary(1, 900, stage === EXECUTE ? { firstStartMs } : {});
      },
    });
    const { events, read } = await run({ behaviors: [startsAt(0.5), startsAt(60.5)] });
    const warning = expect.stringContaining('agent-2 began 60ms after agent-1, 6.7 % of the stage');
    expect(events.filter((event) => event.includes(' began '))).toEqual([warning]);
    const { stages } = JSON.parse(read('metadata.json')) as { stages: { warnings: string[] }[] };
    expect(stages[EXECUTE]?.warnings).toEqual([warning]);
    expect(stages[PREPARE]?.warnings).toEqual([]);
  });

  it('puts what agents tell of the time of day on its own time line', async () => {
    const group: PlainErrorGroup = {
      ...{ operation: 'PUT', endpoint: 's3://b/', class: 'server', code: 'S3_X', key: 'k' },
      ...{ message: 'it failed', hint: undefined, count: 1 },
      // The fake clocks are 5 s ahead.
      ...{ firstAtMs: Date.now() + 5000, lastAtMs: Date.now() + 5000 },
    };
    const beganMs = Date.now();
    const { read } = await run({
      behaviors: [
        {
          onStage: (agent) => {
            agent.summary(1, 100, { errors: [group] });
          },
        },
      ],
    });
    const [row] = parseTsv(read('agents/agent-1/errors.tsv'));
    const atMs = Date.parse(row?.['first_time'] ?? '');
    expect(Math.abs(atMs - beganMs)).toBeLessThan(1000);
  });

  it('counts down by whole seconds', async () => {
    const { events } = await run({ behaviors: [{}], startDelayMs: 1300 });
    expect(events.filter((event) => event === 'countdown')).toHaveLength(2);
    expect(events.indexOf('started')).toBeGreaterThan(events.lastIndexOf('countdown'));
  });

  it('acknowledges a summary only when it is on disk', async () => {
    const stagesOnDisk: string[] = [];
    const acknowledged: number[] = [];
    let path = '';
    await run({
      before: (results) => {
        path = results.path;
      },
      behaviors: [
        {
          onStage: (agent) => {
            agent.summary(2, 100);
          },
          onAcknowledge: (summaries) => {
            const rows = parseTsv(readFileSync(join(path, 'agents/agent-1/results.tsv'), 'utf8'));
            acknowledged.push(summaries);
            stagesOnDisk.splice(0, Infinity, ...new Set(rows.map((row) => row['stage'] ?? '')));
            expect(stagesOnDisk.length).toBeGreaterThanOrEqual(summaries);
          },
        },
      ],
    });
    expect(acknowledged.at(-1)).toBe(4);
    expect(stagesOnDisk).toEqual(['preflight', 'prepare', 'execute', 'cleanup']);
  });

  describe('when the results cannot be written', () => {
    it('fails by the name of the controller, stops the agents, and says so where it still can', async () => {
      const { events, fakes, outcome, read } = await run({
        before: (results) => {
          // A directory in the place of the file: what root cannot write either.
          mkdirSync(join(results.path, '03_execute_results.tsv'));
        },
        behaviors: [
          {
            onStage: (agent) => {
              agent.summary(2, 10);
            },
          },
        ],
      });
      expect(outcome).toMatchObject({ kind: 'failed', operations: 6 });
      expect(outcome.failures).toMatchObject([
        { agentId: 'controller', stage: 'execute', error: { code: 'RESULTS_WRITE_FAILED' } },
      ]);
      expect(events).toContain('failed: controller');
      expect(fakes[0]?.commands.at(-1)).toBe('abortRun');
      expect(read('STATUS.txt')).toContain('controller in stage execute');
      expect(read('02_prepare_results.tsv')).toContain('PUT');
    });

    it('fails when the directory is removed during a stage, and does not make it anew', async () => {
      let path = '';
      const { fakes, outcome } = await run({
        before: (results) => {
          ({ path } = results);
        },
        behaviors: [
          {
            onStage: (agent, stage) => {
              if (stage === EXECUTE) rmSync(path, { recursive: true });
              agent.summary(2, 10);
            },
          },
        ],
      });
      expect(outcome).toMatchObject({
        kind: 'failed',
        failures: [
          { agentId: 'controller', stage: 'execute', error: { code: 'RESULTS_WRITE_FAILED' } },
        ],
      });
      expect(fakes[0]?.commands.at(-1)).toBe('abortRun');
      expect(existsSync(path)).toBe(false);
    });

    it('fails when a single file is missing at the end, and says which', async () => {
      let path = '';
      const { outcome, read } = await run({
        before: (results) => {
          ({ path } = results);
        },
        behaviors: [
          {
            onFinish: (agent) => {
              rmSync(join(path, 'perf_log.tsv'));
              agent.end();
            },
          },
        ],
      });
      expect(outcome.kind).toBe('failed');
      expect(read('STATUS.txt')).toContain('TEST STATUS: FAILURE');
      expect(read('STATUS.txt')).toContain('perf_log.tsv is gone');
    });
  });

  it('leaves in the metadata what the tables do not say of a stage', async () => {
    const { read } = await run({
      behaviors: [2, 5].map((firstStartMs) => ({
        onStage: (agent) => {
          agent.summary(3, 900, { firstStartMs, stuckWorkers: 1 });
        },
      })),
    });
    const { stages } = JSON.parse(read('metadata.json')) as { stages: Record<string, unknown>[] };
    expect(stages.map(({ name }) => name)).toEqual(['preflight', 'prepare', 'execute', 'cleanup']);
    expect(stages[EXECUTE]).toMatchObject({
      wall_secs: 0.9,
      partial: null,
      operations: 6,
      stuck_threads: 2,
      start_skew_ms: 3,
      clamped: 0,
      verify: { level: 'length', content_compared: 0, length_compared: 0, not_compared: 0 },
    });
    expect(stages[0]?.['verify']).toBeNull();
  });
});
