import { describe, expect, it } from '@jest/globals';
import type { StageRowsState } from '../stage/stage-rows.ts';
import type { StageSession } from '../stage/stage-session.ts';
import { progressOf, summaryOf } from '../testing/sample-reports.ts';
import { sampleSession, WrittenTables } from '../testing/sample-stages.ts';
import { restoreProgress, restoreRows, restoreSummary, restoreWritten } from './restore-session.ts';

/** The state of the rows as another controller reads it. */
function leftRows({ rows }: StageSession): StageRowsState {
  return JSON.parse(JSON.stringify(rows.state())) as StageRowsState;
}

describe('a stage that is taken over', () => {
  it('goes on with rows and tables that are those of the whole stage', () => {
    const before = new WrittenTables();
    const first = sampleSession(before);
    for (const id of ['a', 'b']) first.progress(id, progressOf(1, 10));
    first.progress('a', progressOf(2, 5));
    const files = new WrittenTables();
    const second = sampleSession(files, { elapsedMs: 2_500 });
    restoreRows(second, leftRows(first));
    // What one has done so far comes as one report; of the other, the counts of the rows are all that is known.
    restoreProgress(second, 'a', progressOf(2, 15));
    second.progress('b', progressOf(2, 6));
    second.summary('a', summaryOf(15, 1_900));
    second.summary('b', summaryOf(16, 1_900));
    const { stats } = second.finish(undefined);
    expect(stats.operationCount()).toBe(31);
    expect([...before.rows, ...files.rows]).toEqual([20, 11]);
    expect(files.agentTables).toEqual([
      ['a', 15],
      ['b', 16],
    ]);
  });

  it('counts what is in rows while an agent has not told it itself', () => {
    const first = sampleSession(new WrittenTables());
    for (const id of ['a', 'b']) first.progress(id, progressOf(1, 10));
    const second = sampleSession(new WrittenTables());
    restoreRows(second, leftRows(first));
    expect(second.tally.counts().classes.PUT.operations).toBe(20);
    expect(second.results.onlyCounted).toEqual(['a', 'b']);
    restoreProgress(second, 'a', progressOf(1, 10));
    expect(second.tally.counts().classes.PUT.operations).toBe(20);
    expect(second.results.onlyCounted).toEqual(['b']);
  });

  it('waits for agents that tell all at once what they did without a controller, also when no rows were left', () => {
    const files = new WrittenTables();
    const session = sampleSession(files, { elapsedMs: 20_000 });
    restoreRows(session, undefined);
    for (let second = 1; second <= 20; second++) session.progress('a', progressOf(second, 1));
    expect(files.rows).toEqual([]);
    for (let second = 1; second <= 20; second++) session.progress('b', progressOf(second, 1));
    expect(files.rows).toEqual(new Array<number>(20).fill(2));
  });

  it('has a final report that was kept, and writes its table again', () => {
    const files = new WrittenTables();
    const session = sampleSession(files);
    restoreSummary(session, 'a', summaryOf(9, 900));
    expect(session.has('a')).toBe(true);
    expect([...session.working]).toEqual(['b']);
    expect(files.agentTables).toEqual([['a', 9]]);
    restoreProgress(session, 'a', progressOf(1, 4));
    expect(session.tally.of('a').counts.classes.PUT.operations).toBe(9);
  });

  it('writes nothing again of agents of which all is written', () => {
    const files = new WrittenTables();
    const session = sampleSession(files, { kind: 'prepare' });
    restoreWritten(session, ['a']);
    expect([...session.working]).toEqual(['b']);
    restoreSummary(session, 'a', summaryOf(9, 900));
    session.summary('b', summaryOf(4, 900));
    expect(session.finish(undefined).stats.operationCount()).toBe(13);
    expect(files.agentTables).toEqual([['b', 4]]);
    expect(files.ledger.map(({ agentId }) => agentId)).toEqual(['b']);
  });
});
