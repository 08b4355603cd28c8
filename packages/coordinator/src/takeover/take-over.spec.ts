import { describe, expect, it } from '@jest/globals';
import { parseTsv, type RunMetadata } from '@sai3bench/results-dir';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { CLEANUP, EXECUTE, fakeRuns, PREPARE, startErrorNs } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();
const putsOf = (table: string): string | undefined =>
  parseTsv(table).find((row) => row['operation'] === 'PUT')?.['count'];

/** An agent that gets ready to execute only when its controller is dead, which is killed meanwhile. */
function slowToLoad(kill: () => void, more: FakeBehavior = {}): FakeBehavior {
  return {
    loads: (stage, attached) => stage !== EXECUTE || attached > 0,
    onAttached: (agent) => {
      agent.loaded();
    },
    ...more,
    onLoad: (agent, stage) => {
      more.onLoad?.(agent, stage);
      if (stage === EXECUTE && agent.attached === 0) kill();
    },
  };
}

describe('a controller that takes a run over', () => {
  it('goes on in the middle of a stage, and ends with the results of the whole run', async () => {
    const { agents, second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        {
          onStage: (agent, stage) => {
            if (stage !== EXECUTE) {
              agent.progress(1, 2);
              agent.summary(2, 900);
              return;
            }
            agent.progress(1, 5);
            agent.progress(2, 6);
          },
          onAttached: (agent) => {
            agent.progress(3, 7);
            agent.summary(18, 2_900);
          },
        },
        {
          onStage: (agent, stage) => {
            agent.progress(1, 3);
            agent.summary(3, 900);
            if (stage === EXECUTE) kill();
          },
        },
      ],
    });
    expect(second.outcome.kind).toBe('completed');
    expect(putsOf(second.read('02_prepare_results.tsv'))).toBe('5');
    expect(putsOf(second.read('03_execute_results.tsv'))).toBe('21');
    expect(second.read('03_execute_results.tsv')).not.toContain('# Partial');
    const rows = (name: string, stage: string): number =>
      parseTsv(second.read(name))
        .filter((row) => row['stage'] === stage)
        .reduce((sum, row) => sum + Number(row['put_ops']), 0);
    expect(rows('perf_log.tsv', 'execute')).toBe(21);
    expect(rows('agents/agent-1/perf_log.tsv', 'execute')).toBe(18);
    expect(rows('agents/agent-2/perf_log.tsv', 'execute')).toBe(3);
    const tables = parseTsv(second.read('agents/agent-2/results.tsv'));
    const ofExecute = tables.filter(
      (row) => row['stage'] === 'execute' && row['operation'] === 'PUT',
    );
    expect(ofExecute.filter((row) => row['size_bucket'] === 'ALL')).toHaveLength(1);
    expect(agents.map(({ startsNs }) => startsNs.length)).toEqual([4, 4]);
    const { stages } = JSON.parse(second.read('metadata.json')) as { stages: { name: string }[] };
    expect(stages.map(({ name }) => name)).toEqual(['preflight', 'prepare', 'execute', 'cleanup']);
  });

  it('goes on between stages', async () => {
    const { agents, second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [slowToLoad(kill), {}],
    });
    expect(second.outcome.kind).toBe('completed');
    expect(agents.map(({ startsNs }) => startsNs.length)).toEqual([4, 4]);
  });

  it('hears again of a stage that is over, and goes on telling agents what it has', async () => {
    const acknowledged: number[] = [];
    const { second } = await killAndTakeOver(run, {
      behaviorsOf: ({ keepProgress, kill }) => [
        slowToLoad(kill, {
          onLoad: (_, stage) => {
            if (stage === PREPARE) keepProgress();
          },
          onAcknowledge: (summaries) => acknowledged.push(summaries),
        }),
        {},
      ],
    });
    expect(second.outcome.kind).toBe('completed');
    expect(acknowledged.at(-1)).toBe(4);
  });

  it('does not let an agent get ready twice that says again that it was ready for an earlier stage', async () => {
    const { agents, second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        slowToLoad(kill, {
          onAttached: (agent) => {
            agent.loadedBefore(PREPARE);
            setTimeout(() => {
              agent.loaded();
            }, 50);
          },
        }),
        {},
      ],
    });
    expect(second.outcome.kind).toBe('completed');
    expect(agents[0]?.startsOver).toHaveLength(4);
  });

  it('orders agents to begin that had not heard of it', async () => {
    const { agents, second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        {
          // The order is lost with the controller.
          hearsBegin: (stage, attached) => stage !== PREPARE || attached > 0,
          onStage: (agent) => {
            agent.summary(1, 10);
          },
        },
        {
          onStage: (agent, stage) => {
            agent.summary(1, 10);
            if (stage === PREPARE) kill();
          },
        },
      ],
    });
    expect(second.outcome.kind).toBe('completed');
    expect(agents.map(({ startsNs }) => startsNs.length)).toEqual([4, 4]);
    const [late = 0, other = 0] = agents.map(({ startsNs }) => startsNs[PREPARE]);
    expect(late).toBeGreaterThan(other);
  });

  it('tells an agent when to begin only when its clock is known', async () => {
    let tellsTime = true;
    const { agents, second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        {
          tellsTime: () => tellsTime,
          onStage: (agent, stage) => {
            if (stage !== EXECUTE) agent.summary(1, 10);
          },
          onAttached: (agent) => {
            tellsTime = false;
            agent.summary(1, 10);
          },
        },
        {
          onStage: (agent, stage) => {
            agent.summary(1, 10);
            if (stage === EXECUTE) kill();
            if (stage === CLEANUP) tellsTime = true;
          },
        },
      ],
    });
    expect(second.outcome.kind).toBe('completed');
    const [late = 0, other = 0] = agents.map(({ startsNs }) => startsNs[CLEANUP]);
    expect(late).toBeGreaterThan(other);
    const { stages } = JSON.parse(second.read('metadata.json')) as {
      stages: { clock_error_ms: number; starts: { agent: string; clock_error_ms: number }[] }[];
    };
    const { clock_error_ms: worstMs = 0, starts = [] } = stages.at(-1) ?? {};
    expect(starts.map(({ agent }) => agent).toSorted()).toEqual(['agent-1', 'agent-2']);
    for (const { clock_error_ms: errorMs } of starts) {
      expect(errorMs).toBeGreaterThan(0);
      expect(errorMs).toBeLessThanOrEqual(worstMs + 0.001);
    }
  });

  it('begins a stage anew when none of its agents had heard of it', async () => {
    const deaf: FakeBehavior = {
      hearsBegin: (stage, attached) => stage !== EXECUTE || attached > 0,
    };
    const { agents, second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        {
          ...deaf,
          onLoad: ({ attached }, stage) => {
            if (stage === EXECUTE && attached === 0) kill();
          },
        },
        deaf,
      ],
    });
    expect(second.outcome.kind).toBe('completed');
    expect(agents.map(({ startsNs }) => startsNs.length)).toEqual([4, 4]);
    const [first = 0, other = 0] = agents.map(({ startsNs }) => startsNs[EXECUTE]);
    const { stages } = JSON.parse(second.read('metadata.json')) as RunMetadata;
    expect(Math.abs(first - other)).toBeLessThanOrEqual(startErrorNs(stages[EXECUTE]));
  });

  it('ends a run whose agents were being told that it is over', async () => {
    const { second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        {
          onStage: (agent, stage) => {
            agent.summary(stage, 900);
          },
          onFinish: () => {
            kill();
          },
          onAttached: (agent) => {
            agent.end();
          },
        },
      ],
    });
    expect(second.outcome).toMatchObject({ kind: 'completed', operations: 6 });
    const stages = parseTsv(second.read('agents/agent-1/results.tsv')).map(({ stage }) => stage);
    expect([...new Set(stages)]).toEqual(['prepare', 'execute', 'cleanup']);
    const metadata = JSON.parse(second.read('metadata.json')) as { stages: unknown[] };
    expect(metadata.stages).toHaveLength(4);
  });

  it('knows how the stages of a run have ended whose agents were being told that it is over', async () => {
    const { second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        {
          onStage: (agent, stage) => {
            agent.summary(1, 10, stage === CLEANUP ? { outcome: 'failed' } : {});
          },
          onFinish: () => {
            kill();
          },
          onAttached: (agent) => {
            agent.end();
          },
        },
      ],
    });
    expect(second.outcome.kind).toBe('cleanup-failed');
  });

  it('remembers which agent has failed in a stage that was left', async () => {
    const { second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        {
          onStage: (agent, stage) => {
            if (stage === CLEANUP) {
              agent.summary(1, 10, { outcome: 'failed' });
              kill();
            } else agent.summary(1, 10);
          },
        },
        {
          onStage: (agent, stage) => {
            if (stage !== CLEANUP) agent.summary(1, 10);
          },
          onAttached: (agent) => {
            agent.summary(1, 10);
          },
        },
      ],
    });
    expect(second.outcome.kind).toBe('cleanup-failed');
    expect(second.read('STATUS.txt')).toContain('agent-1 in stage cleanup');
  });
});
