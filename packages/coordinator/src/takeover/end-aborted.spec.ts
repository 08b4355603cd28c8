import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { parseTsv } from '@sai3bench/results-dir';
import { exitCodeOf } from '../run/run-outcome.ts';
import { StopSignal } from '../run/stop-signal.ts';
import type { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { EXECUTE, fakeRuns } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();

/** Does what follows when it is to execute, and ends its stream when it is taken over after the end, like real agents. */
const endingAt = (then: (agent: FakeAgent) => void): FakeBehavior => ({
  onStage: (agent, stage) => {
    if (stage === EXECUTE) then(agent);
    else agent.summary(1, 10);
  },
  onAttached: (agent) => {
    agent.cut();
  },
});
/** Takes so long to stop that its controller does not see it. */
const slow: FakeBehavior = {
  ...endingAt((agent) => {
    agent.progress(1, 5);
  }),
  ignoresAbort: true,
  onAttached: (agent) => {
    agent.summary(6, 1_100, { outcome: 'stopped' });
    agent.end();
  },
};

describe('a run whose controller is killed while its agents stop', () => {
  it.each([
    ['interrupted', 130],
    ['terminated', 143],
  ] as const)(
    'was %s by the user: what was done is kept, and no agent is blamed',
    async (reason, code) => {
      const stop = new StopSignal();
      const { second } = await killAndTakeOver(run, {
        stop,
        behaviorsOf: ({ kill }) => [
          endingAt(() => {
            kill();
            stop.request(reason, 'somebody has asked for it');
          }),
          slow,
        ],
      });
      expect(second.outcome).toMatchObject({ kind: reason, failures: [] });
      expect(exitCodeOf(second.outcome)).toBe(code);
      expect(second.events).not.toContain('stageStarted');
      const table = second.read('03_execute_results.tsv');
      expect(table).toContain(`# Partial: the run was ${reason}\n`);
      expect(parseTsv(table).find(({ operation }) => operation === 'PUT')?.['count']).toBe('9');
      expect(second.read('STATUS.txt')).toContain('TEST STATUS: INTERRUPTED');
      expect(second.read('STATUS.txt')).toContain('somebody has asked for it');
      expect(second.read('STATUS.txt')).not.toContain('ended the run by itself');
    },
  );

  it('has failed because of the agent that failed before, and of no other', async () => {
    const full = new BenchError('disk full', { code: 'ENOSPC', class: 'resource' });
    const { second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        endingAt((agent) => {
          kill();
          agent.fail(full);
        }),
        slow,
      ],
    });
    expect(second.outcome.kind).toBe('failed');
    expect(second.outcome.failures.map(({ agentId, error }) => [agentId, error.message])).toEqual([
      ['agent-1', 'disk full'],
    ]);
  });

  it('does not blame agents either that have ended with it', async () => {
    const stop = new StopSignal();
    const { second } = await killAndTakeOver(run, {
      ...{ stop, ownsAgents: true },
      behaviorsOf: ({ kill }) => [
        endingAt(() => {
          kill();
          stop.request('interrupted');
        }),
        slow,
      ],
    });
    expect(second.outcome).toMatchObject({ kind: 'interrupted', failures: [] });
  });
});
