import { describe, expect, it } from '@jest/globals';
import { StopSignal } from '../run/stop-signal.ts';
import type { FakeAgent } from '../testing/fake-agent.ts';
import { EXECUTE, fakeRuns } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();

describe('a run that is interrupted while it is taken over', () => {
  it('tells agents to stop as soon as they are there, though others had sent them orders before', async () => {
    const stop = new StopSignal();
    stop.request('interrupted');
    const atWork = (then: () => void) => ({
      onStage: (agent: FakeAgent, stage: number) => {
        if (stage === EXECUTE) then();
        else agent.summary(1, 10);
      },
    });
    const { agents, second } = await killAndTakeOver(run, {
      secondStop: stop,
      behaviorsOf: ({ kill }) => [atWork(kill), atWork(() => undefined)],
    });
    for (const { commands } of agents) expect(commands).toContain('abortRun');
    expect(second.outcome).toMatchObject({ kind: 'interrupted', failures: [] });
    expect(second.read('STATUS.txt')).toContain('Stopped: 2\n');
    expect(second.read('03_execute_results.tsv')).toContain('# Partial: the run was interrupted');
  });
});
