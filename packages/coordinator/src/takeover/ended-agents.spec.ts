import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { exitCodeOf } from '../run/run-outcome.ts';
import type { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { EXECUTE, fakeRuns } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();

/** Does what follows when it is to execute. */
const executing = (then: (agent: FakeAgent) => void): FakeBehavior => ({
  onStage: (agent, stage) => {
    if (stage === EXECUTE) then(agent);
    else agent.summary(1, 10);
  },
});
/** Has ended by the time that it is taken over. */
const endedSince = (
  began: (agent: FakeAgent) => void,
  then: (agent: FakeAgent) => void,
): FakeBehavior => ({
  ...executing(began),
  onAttached: (agent) => {
    then(agent);
    agent.end();
  },
});
const nothing = (): void => undefined;

describe('a run that is taken over when its agents have waited too long for a controller', () => {
  const away = new BenchError('the controller has been away for 4s', {
    ...{ code: 'CONTROLLER_AWAY', class: 'timeout', hint: 'attach sooner' },
  });

  it('says so, and has a whole stage where all have reported its end', async () => {
    const leftAlone = (agent: FakeAgent): void => {
      agent.summary(5, 900);
      agent.report(away);
    };
    const { second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [endedSince(kill, leftAlone), endedSince(nothing, leftAlone)],
    });
    expect(exitCodeOf(second.outcome)).toBe(1);
    expect(second.outcome.failures.map(({ agentId, error }) => [agentId, error.code])).toEqual([
      ['agent-1', 'CONTROLLER_AWAY'],
      ['agent-2', 'CONTROLLER_AWAY'],
    ]);
    const status = second.read('STATUS.txt');
    expect(status).toContain('agent-1: Stopped (the controller has been away for 4s)');
    expect(status).toContain('1. attach sooner');
    expect(second.read('03_execute_results.tsv')).not.toContain('# Partial');
  });

  it('has a part of a stage that they were at', async () => {
    const { second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        endedSince(kill, (agent) => {
          agent.report(away);
          agent.summary(5, 900, { outcome: 'stopped' });
        }),
      ],
    });
    expect(second.read('03_execute_results.tsv')).toContain(
      '# Partial: agent-1: the controller has been away for 4s\n',
    );
  });
});

describe('a run whose controller has failed itself', () => {
  /** Whose end its controller does not see. */
  const slow: FakeBehavior = {
    ...endedSince(nothing, (agent) => {
      agent.summary(6, 1_100, { outcome: 'stopped' });
    }),
    ignoresAbort: true,
  };

  it('says why when another takes it over, and blames no agent', async () => {
    const { second } = await killAndTakeOver(run, {
      behaviorsOf: ({ fillDisk, kill }) => [
        executing((agent) => {
          fillDisk();
          kill();
          agent.summary(5, 900);
        }),
        slow,
      ],
    });
    expect(exitCodeOf(second.outcome)).toBe(1);
    expect(second.outcome.failures).toMatchObject([
      { agentId: 'controller', stage: 'execute', error: { code: 'RESULTS_WRITE_FAILED' } },
    ]);
    const status = second.read('STATUS.txt');
    expect(status).toContain('\ncontroller in stage execute: no space left\n');
    expect(status).toContain('1. free space');
    expect(status).toContain('agent-1: Stopped');
    expect(status).toContain('agent-2: Stopped');
    const table = second.read('03_execute_results.tsv');
    expect(table).toContain('# Partial: controller: no space left\n');
    expect(table).toMatch(/^PUT\tALL\t.*\t11\t/m);
  });

  it('says what its agents were told when nothing of it could be written', async () => {
    const told = (agent: FakeAgent): void => {
      agent.summary(2, 900, { outcome: 'stopped' });
      agent.end('cannot write perf_log.tsv: no space left');
    };
    const { second } = await killAndTakeOver(run, {
      behaviorsOf: ({ kill }) => [
        { ...executing(kill), onAttached: told },
        { ...executing(nothing), onAttached: told },
      ],
    });
    expect(second.outcome).toMatchObject({
      kind: 'failed',
      failures: [{ agentId: 'controller', stage: 'execute' }],
    });
    expect(second.outcome.failures).toHaveLength(1);
    const status = second.read('STATUS.txt');
    expect(status).toContain(
      'controller in stage execute: the controller that led the run before has ended it: cannot write perf_log.tsv: no space left',
    );
    expect(status).toContain('agent-2: Stopped');
    expect(status).not.toContain('by itself');
  });
});
