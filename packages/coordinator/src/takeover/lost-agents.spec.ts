import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { EXECUTE, fakeRuns } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();

/** Reports a second of the execute stage, and does what follows. */
const reportingOnce = (then: () => void): FakeBehavior => ({
  onStage: (agent, stage) => {
    if (stage !== EXECUTE) {
      agent.summary(1, 10);
      return;
    }
    agent.progress(1, 5);
    then();
  },
});
const nothing = (): void => undefined;

describe('a controller that takes a run over', () => {
  it('gives agents up at once that had been started by the controller before', async () => {
    const { agents, second } = await killAndTakeOver(run, {
      ownsAgents: true,
      behaviorsOf: ({ kill }) => [reportingOnce(kill)],
    });
    expect(second.outcome.kind).toBe('failed');
    expect(agents[0]?.attached).toBe(0);
    expect(second.read('STATUS.txt')).toContain(
      'agent-1 in stage execute: agent-1 was started by the controller of the run, and ended with it',
    );
  });

  it('gives an agent up at once whose process has ended', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
    });
    const { agents, second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        {
          ...reportingOnce(() => {
            child.once('exit', kill);
            child.kill('SIGKILL');
          }),
          process: { hostname: hostname(), processId: child.pid ?? 0 },
        },
        { ...reportingOnce(nothing), onAttached: (agent) => agent.progress(2, 1) },
      ],
    });
    expect(second.outcome.failures[0]).toMatchObject({
      agentId: 'agent-1',
      error: { code: 'AGENT_LOST', message: 'the process of agent-1 at fake:1 has ended' },
    });
    expect(agents.map(({ attached }) => attached)).toEqual([0, 1]);
  });
});
