import { describe, expect, it, jest } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import type { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { fakeRuns } from '../testing/fake-runs.ts';
import { holdTimeouts } from '../testing/held-timeouts.ts';
import { exitCodeOf } from './run-outcome.ts';

const run = fakeRuns();

/** Three stages; stragglers have 50 ms at the barriers. */
const workloadWith = (type: string, more = ''): string => `
target: s3://b/
duration: 1s
workload: [{op: put, path: x/, object_size: 1KiB, weight: 1}]
distributed:
  shared_filesystem: true
  reconnect_grace: 300ms
  barrier_sync: {enabled: true, execute: {type: ${type}, heartbeat_interval: 50ms, missed_threshold: 1000}}
  stages:
    - {name: one, order: 1, type: execute, duration: 500ms${more}}
    - {name: two, order: 2, type: execute, duration: 1s}
    - {name: three, order: 3, type: execute, duration: 1s}
`;
const [ONE, TWO] = [0, 1];
const dead = new BenchError('out of memory', { code: 'DEAD', class: 'resource' });

/** Fails in a stage. */
const failsIn = (wanted: number): FakeBehavior => ({
  onStage: (agent, stage) => {
    if (stage === wanted) agent.fail(dead);
    else agent.summary(1, 10);
  },
});

/** Ends the first stage only when another agent is at the second. */
function straggler(): { readonly late: FakeBehavior; readonly other: FakeBehavior } {
  let held: FakeAgent | undefined;
  return {
    late: {
      onStage: (agent, stage) => {
        if (stage === ONE) held = agent;
        else agent.summary(3, 10);
      },
    },
    other: {
      onStage: (agent, stage) => {
        if (stage === TWO) held?.summary(2, 10);
        agent.summary(1, 10);
      },
    },
  };
}

describe('a majority barrier', () => {
  it('goes on without a minority that fails, and says so', async () => {
    const { events, fakes, outcome, read } = await run({
      workload: workloadWith('majority'),
      behaviors: [{}, failsIn(TWO), {}],
    });
    expect(outcome.kind).toBe('degraded');
    expect(exitCodeOf(outcome)).toBe(1);
    // Said once, though later barriers open without it too.
    expect(events.filter((event) => event.includes('without agent-2'))).toEqual([
      'warning: going on with stage three without agent-2',
    ]);
    expect(fakes[0]?.startsNs).toHaveLength(3);
    expect(fakes[1]?.startsNs).toHaveLength(2);
    expect(read('02_two_results.tsv')).toContain('# Partial: agent-2: out of memory');
    expect(read('03_three_results.tsv')).not.toContain('# Partial');
    expect(read('STATUS.txt')).toContain('agent-2 in stage two: out of memory');
  });

  it('makes no complete measurement of one without an agent when only the clean-up fails besides', async () => {
    const CLEANUP = 3;
    const leavesObjects: FakeBehavior = {
      onStage: (agent, stage) => {
        if (stage === CLEANUP) agent.fail(dead);
        else agent.summary(1, 10);
      },
    };
    const { outcome } = await run({
      workload: `${workloadWith('majority')}    - {name: wipe, order: 4, type: cleanup}\n`,
      behaviors: [{}, failsIn(ONE), leavesObjects],
    });
    expect(outcome.failures.map(({ stage }) => stage)).toEqual(['one', 'wipe']);
    expect(outcome.kind).toBe('degraded');
  });

  it('ends the run when a majority fails', async () => {
    const { outcome } = await run({
      workload: workloadWith('majority'),
      behaviors: [{}, failsIn(ONE), failsIn(ONE)],
    });
    expect(outcome.kind).toBe('failed');
  });

  it('leaves a straggler out of the next stage, tells it, and takes it in again after that', async () => {
    const { late, other } = straggler();
    const { fakes, outcome, read } = await run({
      workload: workloadWith('majority'),
      behaviors: [other, late, {}],
    });
    expect(outcome.kind).toBe('degraded');
    const [, lateAgent] = fakes;
    expect(lateAgent?.excludedFrom).toEqual([TWO]);
    expect(lateAgent?.startsNs).toHaveLength(2);
    expect(fakes[0]?.startsNs).toHaveLength(3);
    // Its results of the first stage are there, though they came late.
    expect(read('01_one_results.tsv')).not.toContain('# Partial');
    expect(read('01_one_results.tsv')).toMatch(/PUT\tALL.*\t3\t/);
    expect(read('agents/agent-2/results.tsv')).toMatch(/^one\t/m);
    expect(read('agents/agent-2/results.tsv')).not.toMatch(/^two\t/m);
    expect(read('agents/agent-2/results.tsv')).toMatch(/^three\t/m);
  });
});

describe.each(['all_or_nothing', 'majority', 'best_effort'])('%s barriers', (type) => {
  const wipes = workloadWith(type)
    .replace('execute:', `cleanup: {type: ${type}}, execute:`)
    .concat('    - {name: wipe, order: 4, type: cleanup}\n');
  const [THREE, WIPE] = [2, 3];

  it('have a complete measurement when an agent is lost only while all clean up', async () => {
    const { outcome } = await run({ workload: wipes, behaviors: [{}, failsIn(WIPE), {}] });
    expect(outcome.kind).toBe('cleanup-failed');
    expect(exitCodeOf(outcome)).toBe(5);
  });

  it('have none when it is lost in the last stage that measures', async () => {
    const { outcome } = await run({ workload: wipes, behaviors: [{}, failsIn(THREE), {}] });
    expect(exitCodeOf(outcome)).toBe(1);
  });
});

describe('a best_effort barrier', () => {
  it('goes on as long as one agent is left', async () => {
    const { fakes, outcome } = await run({
      workload: workloadWith('best_effort'),
      behaviors: [{}, failsIn(ONE), failsIn(TWO)],
    });
    expect(outcome.kind).toBe('degraded');
    expect(fakes[0]?.startsNs).toHaveLength(3);
  });

  it('goes on without an agent that is away, and takes it in again when it is back', async () => {
    let atTwo: FakeAgent | undefined;
    const { fakes, outcome } = await run({
      workload: workloadWith('best_effort').replace('300ms', '60s'),
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === TWO) atTwo = agent;
            else agent.summary(1, 10);
          },
        },
        {
          unreachable: () => atTwo === undefined,
          onStage: (agent, stage) => {
            if (stage === ONE) agent.cut();
            else agent.summary(1, 10);
          },
          onAttached: (agent) => {
            agent.summary(2, 10);
          },
          // The other ends the second stage when the controller has heard of this one.
          onAcknowledge: () => {
            atTwo?.summary(1, 10);
            atTwo = undefined;
          },
        },
      ],
    });
    expect(outcome.kind).toBe('degraded');
    expect(fakes[1]?.excludedFrom).toEqual([TWO]);
    expect(fakes[1]?.startsNs).toHaveLength(2);
  });
});

describe('an all_or_nothing barrier', () => {
  it('ends the run when one agent fails', async () => {
    const { fakes, outcome } = await run({
      workload: workloadWith('all_or_nothing'),
      behaviors: [{}, failsIn(TWO)],
    });
    expect(outcome.kind).toBe('failed');
    expect(fakes[0]?.startsNs).toHaveLength(2);
  });
});

describe('an optional stage', () => {
  it('may fail, and the run goes on with all agents', async () => {
    const { events, fakes, outcome, read } = await run({
      workload: workloadWith('all_or_nothing', ', optional: true'),
      behaviors: [
        {},
        {
          onStage: (agent, stage) => {
            agent.summary(1, 10, stage === ONE ? { outcome: 'failed' } : {});
          },
        },
      ],
    });
    expect(outcome.kind).toBe('completed');
    expect(exitCodeOf(outcome)).toBe(0);
    expect(events).toContainEqual(
      expect.stringMatching(/stage one failed \(1 of 2 agents\); it is optional/),
    );
    expect(fakes[1]?.startsNs).toHaveLength(3);
    expect(outcome.failures).toEqual([]);
    expect(outcome.optionalFailures).toMatchObject([{ agentId: 'agent-2', stage: 'one' }]);
    const status = read('STATUS.txt');
    expect(status).toContain('TEST STATUS: SUCCESS');
    expect(status).toContain('Failed optional stages: 1\n');
    expect(status).toContain('agent-1: Completed (all stages done)');
    expect(status).toContain('agent-2: Completed (all stages done but the optional one)');
    expect(status).toContain(
      '=== Failed Optional Stages ===\nagent-2 in stage one: stage one failed\n',
    );
    const { stages } = JSON.parse(read('metadata.json')) as { stages: object[] };
    expect(stages).toMatchObject([
      { name: 'one', optional: true, partial: 'agent-2: stage one failed' },
      { name: 'two', optional: false, partial: null },
      { name: 'three', optional: false, partial: null },
    ]);
  });

  it('leaves no agent out of the next stage that has failed in it, whatever the barrier', async () => {
    const { fakes, outcome } = await run({
      workload: workloadWith('majority', ', optional: true'),
      behaviors: [
        {},
        {
          onStage: (agent, stage) => {
            agent.summary(1, 10, stage === ONE ? { outcome: 'failed' } : {});
          },
        },
        {},
      ],
    });
    expect(outcome.kind).toBe('completed');
    expect(fakes[1]?.startsNs).toHaveLength(3);
    expect(fakes[1]?.excludedFrom).toEqual([]);
  });

  it('is told apart from what ended the run later', async () => {
    const { events, outcome, read } = await run({
      workload: workloadWith('all_or_nothing', ', optional: true'),
      behaviors: [
        {
          onStage: (agent, stage) => {
            if (stage === TWO) agent.fail(dead);
            else agent.summary(1, 10);
          },
        },
        {
          onStage: (agent, stage) => {
            agent.summary(1, 10, stage === ONE ? { outcome: 'failed' } : {});
          },
        },
      ],
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      failures: [{ agentId: 'agent-1', stage: 'two' }],
      optionalFailures: [{ agentId: 'agent-2', stage: 'one' }],
    });
    expect(events).toContain('aborting: agent-1 failed');
    const status = read('STATUS.txt');
    expect(status).toMatch(
      /Failed Optional Stages ===\nagent-2 .*\n\n=== Failure Analysis ===\nagent-1 /,
    );
    expect(status).toContain('agent-2: Stopped');
  });

  describe('that takes longer than timeout_secs', () => {
    holdTimeouts();
    /** Is at the first stage until it is told to end it, for which the time passes that it may take. */
    const stuckInOne: FakeBehavior = {
      onStage: (agent, stage) => {
        if (stage === ONE) setImmediate(() => jest.advanceTimersByTime(1_500));
        else agent.summary(1, 10);
      },
    };

    it('is ended, and the run goes on as soon as it has ended', async () => {
      const { fakes, outcome, read } = await run({
        workload: workloadWith('all_or_nothing', ', optional: true, timeout_secs: 1'),
        behaviors: [{}, stuckInOne],
      });
      expect(outcome.kind).toBe('completed');
      expect(fakes[1]?.stopped).toEqual([ONE]);
      expect(fakes[1]?.startsNs).toHaveLength(3);
      expect(read('01_one_results.tsv')).toContain('# Partial');
      expect(read('STATUS.txt')).toContain(
        'Optional Stages ===\nagent-2 in stage one: agent-2 had not ended stage one within 1s\n',
      );
      expect(read('STATUS.txt')).toContain('1. its storage hangs or is slow');
    });
  });
});
