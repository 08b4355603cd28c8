import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseTsv } from '@sai3bench/results-dir';
import type { FakeBehavior } from '../testing/fake-agent.ts';
import { fakeRuns, PREPARE, EXECUTE } from '../testing/fake-runs.ts';
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
    expect(outcome).toEqual({ kind: 'completed', failures: [], operations: 56, errors: 0 });
    expect(exitCodeOf(outcome)).toBe(0);
    expect(events.filter((event) => event === 'stageEnded')).toHaveLength(4);
    for (const { closed, commands } of fakes) {
      expect(commands.filter((command) => command === 'beginStage')).toHaveLength(4);
      expect(commands.filter((command) => command === 'acknowledge')).toHaveLength(4);
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
    const { fakes } = await run({ behaviors: [{}, {}] });
    const [a, b] = fakes.map(({ startsNs }) => startsNs);
    for (const [index, startNs] of (a ?? []).entries()) {
      // The fake clocks are 5 s ahead; they are measured to within half a round trip.
      expect(startNs).toBeGreaterThan(before);
      expect(Math.abs(startNs - (b?.[index] ?? 0))).toBeLessThan(20e6);
    }
  });

  it('counts down by whole seconds', async () => {
    const { events } = await run({ behaviors: [{}], startDelayMs: 1300 });
    expect(events.filter((event) => event === 'countdown')).toHaveLength(2);
    expect(events.indexOf('started')).toBeGreaterThan(events.lastIndexOf('countdown'));
  });

  it('acknowledges a summary only when it is on disk', async () => {
    const stagesOnDisk: (string | undefined)[] = [];
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
          onAcknowledge: () => {
            const file = join(path, 'agents/agent-1/results.tsv');
            stagesOnDisk.push(parseTsv(readFileSync(file, 'utf8')).at(-1)?.['stage']);
          },
        },
      ],
    });
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
