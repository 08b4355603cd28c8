import { describe, expect, it } from '@jest/globals';
import { progressOf, summaryOf } from '../testing/sample-reports.ts';
import { WrittenTables } from '../testing/sample-stages.ts';
import { StageRows, type StageRowsState } from './stage-rows.ts';
import { StageTally } from './stage-tally.ts';

function makeRows(files = new WrittenTables()) {
  const tally = new StageTally(['a', 'b']);
  return { files, tally, rows: new StageRows({ name: 'execute', startedAtMs: 0 }, tally, files) };
}

describe('StageRows', () => {
  it('counts what it writes: for each agent, for all, and of all seconds together', () => {
    const { files, rows, tally } = makeRows();
    rows.add('a', progressOf(1, 10));
    rows.add('b', progressOf(1, 20));
    rows.add('a', progressOf(2, 3));
    expect(files.agentRows).toEqual([
      ['a', 10],
      ['b', 20],
      ['a', 3],
    ]);
    expect(files.rows).toEqual([30]);
    expect(rows.latest).toMatchObject({ intervalMs: 1000 });
    expect(rows.latest.stats.operationCount()).toBe(30);
    rows.end();
    expect(rows.total.operationCount()).toBe(33);
    expect(tally.total().operationCount()).toBe(33);
  });

  it('goes on where other rows have ended, with what agents had done by then', () => {
    const before = makeRows();
    before.rows.add('a', progressOf(1, 10));
    before.rows.add('b', progressOf(1, 20));
    before.rows.add('a', progressOf(2, 3));
    const { files, rows, tally } = makeRows();
    rows.restore(JSON.parse(JSON.stringify(before.rows.state())) as StageRowsState);
    expect(rows.total.operationCount()).toBe(30);
    expect(tally.gaps).toEqual(['a', 'b']);
    expect(tally.counts().classes.PUT.operations).toBe(33);
    rows.add('b', progressOf(2, 4));
    expect(files.rows).toEqual([7]);
    expect(rows.total.operationCount()).toBe(37);
  });

  it('leaves it to the final report of an agent what that had done', () => {
    const before = makeRows();
    before.rows.add('a', progressOf(1, 10));
    before.tally.addSummary('a', summaryOf(10, 900));
    expect(Object.keys(before.rows.state().counts)).toEqual(['b']);
  });
});
