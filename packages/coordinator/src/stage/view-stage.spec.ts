import { describe, expect, it } from '@jest/globals';
import { progressOf, summaryOf } from '../testing/sample-reports.ts';
import { sampleSession, WrittenTables } from '../testing/sample-stages.ts';

describe('viewStage()', () => {
  it('adds up what agents have reported of their tasks, and counts those that have ended', () => {
    const session = sampleSession(new WrittenTables(), { kind: 'prepare' });
    session.progress('a', { ...progressOf(1, 5), tasksDone: 5, tasksTotal: 6, putOff: 1 });
    session.progress('b', { ...progressOf(1, 2), directoriesDone: 1, directoriesTotal: 3 });
    session.summary('a', summaryOf(6, 1200));
    expect(session.view()).toMatchObject({
      ...{ number: 2, stages: 4, agents: 2, agentsDone: 1, tasksDone: 6, tasksTotal: 6 },
      ...{ directoriesDone: 1, directoriesTotal: 3, putOff: 0, latestMs: 1000, silent: [] },
    });
    expect([...session.view().operations]).toEqual(['PUT']);
  });

  it('shows the latest second that all have reported, and who is silent', () => {
    const session = sampleSession(new WrittenTables(), { elapsedMs: 9_000 });
    for (const second of [1, 2]) {
      for (const id of ['a', 'b']) session.progress(id, progressOf(second, 10 * second));
    }
    session.progress('a', progressOf(3, 5));
    const { elapsedMs, latest, silent } = session.view();
    expect(elapsedMs).toBe(9_000);
    expect(latest.operationCount()).toBe(40);
    expect(silent).toEqual([
      { agentId: 'a', silentMs: 6_000 },
      { agentId: 'b', silentMs: 7_000 },
    ]);
  });

  it.each([
    ['as long as was reported where agents are gone that have not ended it', ['a'], 1_000],
    ['no time where they have reported nothing', [], 0],
  ])('has lasted %s', (_, reporting, expected) => {
    const session = sampleSession(new WrittenTables(), { elapsedMs: 90_000 });
    for (const id of reporting) session.progress(id, progressOf(1, 10));
    expect(session.view().elapsedMs).toBe(90_000);
    for (const id of ['a', 'b']) session.agentGone(id);
    expect(session.view().elapsedMs).toBe(expected);
  });

  it('has no time before the start', () => {
    expect(sampleSession(new WrittenTables(), { elapsedMs: -50 }).view().elapsedMs).toBe(0);
  });
});
