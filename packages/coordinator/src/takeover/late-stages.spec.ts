import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { parseTsv } from '@sai3bench/results-dir';
import type { FakeAgent } from '../testing/fake-agent.ts';
import type { FakeBehavior } from '../testing/fake-behavior.ts';
import { type FakeRun, fakeRuns } from '../testing/fake-runs.ts';
import { killAndTakeOver } from '../testing/killed-runs.ts';

const run = fakeRuns();

/** Three stages whose barriers go on with more than half of the agents. */
const WORKLOAD = `
target: s3://b/
duration: 1s
prepare: {ensure_objects: [{count: 10}]}
workload: [{op: get, path: "*", weight: 1}]
distributed:
  shared_filesystem: true
  reconnect_grace: 1s
  barrier_sync:
    enabled: true
    prepare: {type: majority, heartbeat_interval: 50ms, missed_threshold: 1000}
    execute: {type: majority, heartbeat_interval: 1s, missed_threshold: 1000}
  stages:
    - {name: one, order: 1, type: prepare}
    - {name: two, order: 2, type: execute, duration: 1s}
    - {name: three, order: 3, type: execute, duration: 1s}
`;
const [ONE, TWO, THREE] = [0, 1, 2];

/** What the second agent does, which is late in the first stage, and what else happens then. */
interface LateAgent {
  /** Called when the others are at the second stage, before their controller is killed. */
  readonly beforeKill?: (late: FakeAgent) => void;
  /** Whether that is the last of which the controller writes how far it is. */
  readonly isWritten?: boolean;
  /** What a further agent does that is not well. */
  readonly failing?: FakeBehavior;
  /** Called when the others have another controller, ... */
  readonly afterKill?: (late: FakeAgent) => void;
  /** ... and when they are at the third stage. */
  readonly atEnd?: (late: FakeAgent) => void;
}

/** A run whose controller is killed in the second stage, while an agent is late in the first. */
async function takeOverLate({
  afterKill,
  atEnd,
  beforeKill,
  failing,
  isWritten = true,
}: LateAgent) {
  const acknowledged: number[] = [];
  let late: FakeAgent | undefined;
  const call = (act: LateAgent['afterKill']): void => {
    if (late !== undefined) act?.(late);
  };
  const others = (atTwo: () => void): FakeBehavior => ({
    onStage: (agent, stage) => {
      if (stage === TWO) {
        agent.progress(1, 2);
        atTwo();
        return;
      }
      if (stage === THREE) call(atEnd);
      agent.summary(1, 900);
    },
    onAttached: (agent) => {
      agent.summary(2, 900);
    },
  });
  const { second } = await killAndTakeOver(run, {
    workload: WORKLOAD,
    behaviorsOf: ({ keepProgress, kill }) => [
      others(() => {
        if (!isWritten) keepProgress();
        call(beforeKill);
        kill();
      }),
      {
        onStage: (agent, stage) => {
          late = agent;
          if (stage === ONE) agent.progress(1, 5);
          else agent.summary(1, 900);
        },
        onAttached: (agent) => {
          afterKill?.(agent);
        },
        onAcknowledge: (summaries) => acknowledged.push(summaries),
      },
      others(() => undefined),
      ...(failing === undefined ? [] : [others(() => undefined), failing]),
    ],
  });
  return { second, late, acknowledged };
}

/** Ends the first stage, in which it has done eight operations. */
const end = (agent: FakeAgent): void => {
  agent.progress(2, 3);
  agent.summary(8, 1_900);
};

/** What the results say that has been done in the first stage, wherever they say it. */
function resultsOfOne({ read }: FakeRun) {
  const rows = (name: string) => parseTsv(read(name)).filter(({ stage }) => stage === 'one');
  const sum = (name: string): number =>
    rows(name).reduce((total, row) => total + Number(row['put_ops']), 0);
  const { stages } = JSON.parse(read('metadata.json')) as {
    stages: { name: string; partial: string | null; operations: number }[];
  };
  const { operations, partial } = stages.find(({ name }) => name === 'one') ?? {};
  return {
    table: parseTsv(read('01_one_results.tsv')).find((row) => row['operation'] === 'PUT')?.[
      'count'
    ],
    metadata: { operations, partial },
    ownTables: rows('agents/agent-2/results.tsv')
      .filter((row) => row['operation'] === 'PUT' && row['size_bucket'] === 'ALL')
      .map(({ count }) => count),
    ownLedger: parseTsv(read('populate_ledger.tsv'))
      .filter((row) => row['agent_id'] === 'agent-2')
      .map((row) => row['objects_created']),
    rows: sum('perf_log.tsv'),
    ownRows: sum('agents/agent-2/perf_log.tsv'),
  };
}

/** Its eight operations, and the two of the others, of which these make no rows. */
const ALL_ONCE = {
  table: '10',
  metadata: { operations: 10, partial: null },
  ...{ ownTables: ['8'], ownLedger: ['8'], rows: 8, ownRows: 8 },
};

describe('an agent that is late in a stage when the run is taken over in the next', () => {
  it('hands its results to the controller that takes over', async () => {
    const { acknowledged, late, second } = await takeOverLate({ afterKill: end });
    expect(second.outcome.kind).toBe('degraded');
    expect(resultsOfOne(second)).toEqual(ALL_ONCE);
    expect(late?.startsNs).toHaveLength(2);
    expect(acknowledged.at(-1)).toBe(2);
  });

  it('has its results written again that the controller before had from it', async () => {
    const { acknowledged, late, second } = await takeOverLate({ beforeKill: end });
    expect(resultsOfOne(second)).toEqual(ALL_ONCE);
    expect(late?.startsNs).toHaveLength(2);
    expect(acknowledged.at(-1)).toBe(2);
  });

  it('has rows of what the controller before had no time to write', async () => {
    const { acknowledged, second } = await takeOverLate({ beforeKill: end, isWritten: false });
    expect(resultsOfOne(second)).toEqual(ALL_ONCE);
    expect(acknowledged.at(-1)).toBe(2);
  });

  it('does not make others forgotten that have failed in the stage', async () => {
    const { second } = await takeOverLate({
      afterKill: end,
      failing: {
        onStage: (agent) => {
          agent.progress(1, 4);
          agent.fail(new BenchError('out of memory', { code: 'DEAD', class: 'resource' }));
        },
      },
    });
    expect(resultsOfOne(second)).toEqual({
      ...ALL_ONCE,
      ...{ table: '15', metadata: { operations: 15, partial: 'no final report of agent-5' } },
      rows: 12,
    });
  });

  it('is left in peace while it is still at work', async () => {
    const { late, second } = await takeOverLate({ atEnd: end });
    expect(second.outcome.kind).toBe('degraded');
    expect(resultsOfOne(second)).toEqual(ALL_ONCE);
    expect(late?.startsNs).toHaveLength(1);
  });

  it('does not begin a stage that the others have begun while it was getting ready', async () => {
    let late: FakeAgent | undefined;
    const other = (kill: () => void): FakeBehavior => ({
      onStage: (agent, stage) => {
        if (stage === TWO) {
          late?.loaded();
          kill();
        } else agent.summary(1, 900);
      },
      onAttached: (agent) => {
        agent.summary(1, 900);
      },
    });
    const { second } = await killAndTakeOver(run, {
      workload: WORKLOAD,
      behaviorsOf: ({ kill }) => [
        other(kill),
        {
          loads: (stage) => stage !== TWO,
          onLoad: (agent) => (late = agent),
        },
        other(() => undefined),
      ],
    });
    expect(second.outcome.kind).toBe('degraded');
    expect(late?.excludedFrom).toEqual([TWO]);
    // Of the first and of the last stage.
    expect(late?.startsNs).toHaveLength(2);
  });
});
