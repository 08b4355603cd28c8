import { describe, expect, it } from '@jest/globals';
import { progressOf, summaryOf } from '../testing/sample-reports.ts';
import { sampleSession, type SampleStage, WrittenTables } from '../testing/sample-stages.ts';
import type { StageRowsState } from './stage-rows.ts';

/** A stage of which only counts are known of all that its agents have reported. */
function onlyCounted(files: WrittenTables, stage: SampleStage = {}) {
  const before = sampleSession(new WrittenTables(), stage);
  for (const id of before.working) before.progress(id, progressOf(1, 10));
  const session = sampleSession(files, stage);
  session.rows.restore(JSON.parse(JSON.stringify(before.rows.state())) as StageRowsState);
  return session;
}

describe('StageResults', () => {
  it('writes the table of an agent as soon as its final report is there, and only once', () => {
    const files = new WrittenTables();
    const session = sampleSession(files);
    session.summary('a', summaryOf(10, 900));
    expect(files.agentTables).toEqual([['a', 10]]);
    session.finish(undefined);
    session.finish(undefined);
    expect(files.agentTables).toEqual([['a', 10]]);
  });

  it('writes at the end what an agent has reported that gives no final report', () => {
    const files = new WrittenTables();
    const session = sampleSession(files);
    session.progress('b', progressOf(1, 7));
    session.agentGone('b');
    const { agents, partial, stats } = session.finish('agent b was lost');
    expect(files.agentTables).toEqual([['b', 7]]);
    expect(partial).toBe('agent b was lost');
    expect(stats.operationCount()).toBe(7);
    expect(agents.map((agent) => agent.stats?.operationCount())).toEqual([0, 7]);
  });

  it('leaves the table of an agent that is still at work for the next time', () => {
    const files = new WrittenTables();
    const session = sampleSession(files);
    session.summary('a', summaryOf(10, 900));
    session.progress('b', progressOf(1, 7));
    session.finish('b is left behind');
    session.summary('b', summaryOf(8, 1500));
    session.finish(undefined);
    expect(files.agentTables).toEqual([
      ['a', 10],
      ['b', 8],
    ]);
    expect(files.stages.map(({ stats }) => stats.operationCount())).toEqual([17, 18]);
  });

  it('adds what agents have made to the ledger, once for each', () => {
    const files = new WrittenTables();
    const session = sampleSession(files, { kind: 'prepare' });
    session.summary('a', summaryOf(3, 900, { tasksExisted: 2 }));
    session.finish('b is left behind');
    session.summary('b', summaryOf(4, 1500));
    session.finish(undefined);
    expect(files.ledger).toMatchObject([
      { agentId: 'a', objectsCreated: 3, objectsExisted: 2, totalBytes: 3 * 4096, wallMs: 900 },
      { agentId: 'b', objectsCreated: 4, objectsExisted: 0, totalBytes: 4 * 4096, wallMs: 1500 },
    ]);
  });

  it('adds nothing to the ledger in a stage that prepares nothing', () => {
    const files = new WrittenTables();
    const session = sampleSession(files);
    for (const id of ['a', 'b']) session.summary(id, summaryOf(3, 900));
    session.finish(undefined);
    expect(files.ledger).toEqual([]);
  });

  it('takes the rows for the whole where only counts are known of agents, and writes no table of those', () => {
    const files = new WrittenTables();
    const session = onlyCounted(files);
    expect(session.results.onlyCounted).toEqual(['a', 'b']);
    for (const id of ['a', 'b']) session.agentGone(id);
    const { agents, stats } = session.finish('they were lost');
    expect(stats.operationCount()).toBe(20);
    expect(files.agentTables).toEqual([]);
    expect(agents.map((agent) => [agent.stats, agent.counts.classes.PUT.operations])).toEqual([
      [undefined, 10],
      [undefined, 10],
    ]);
  });

  it('takes the rows also for the table of an agent that is alone', () => {
    const files = new WrittenTables();
    const session = onlyCounted(files, { ids: ['a'] });
    expect(session.results.onlyCounted).toEqual([]);
    session.agentGone('a');
    session.finish('it was lost');
    expect(files.agentTables).toEqual([['a', 10]]);
  });
});
