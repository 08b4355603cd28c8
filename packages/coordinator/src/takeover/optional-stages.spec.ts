import { describe, expect, it } from '@jest/globals';
import type { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { fakeRuns } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();

/** Two stages, of which the first is optional. */
const OPTIONAL = `
target: s3://b/
duration: 1s
workload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]
distributed:
  shared_filesystem: true
  reconnect_grace: 1s
  stages:
    - {name: one, order: 1, type: execute, duration: 500ms, optional: true}
    - {name: two, order: 2, type: execute, duration: 1s}
`;
const [ONE, TWO] = [0, 1];

/** Fails in the first stage, and ends the second one, or what it is at when it is taken over. */
const failing: FakeBehavior = {
  onStage: (agent, stage) => {
    agent.summary(1, 10, stage === ONE ? { outcome: 'failed' } : {});
  },
};
/** Kills the controller in a stage, and ends that when it is taken over. */
const killingIn = (stage: number, kill: () => void): FakeBehavior => ({
  onStage: (agent: FakeAgent, at: number) => {
    if (at === stage) kill();
    else agent.summary(1, 10);
  },
  onAttached: (agent) => {
    agent.summary(1, 10);
  },
});

describe('a run that is taken over', () => {
  it.each([
    ['in an optional stage that an agent has failed in', ONE],
    ['after it', TWO],
  ])('%s goes on, tells of that once, and does not hold it against the agent', async (_, stage) => {
    const { second } = await killAndTakeOver(run, {
      workload: OPTIONAL,
      behaviorsOf: ({ kill }) => [killingIn(stage, kill), failing],
    });
    expect(second.outcome).toMatchObject({ kind: 'completed', failures: [] });
    const status = second.read('STATUS.txt');
    expect(status).toContain('TEST STATUS: SUCCESS');
    expect(status.match(/^agent-2 in stage one: stage one failed$/gm)).toHaveLength(1);
    expect(status).toContain('agent-2: Completed (all stages done but the optional one)');
  });
});
