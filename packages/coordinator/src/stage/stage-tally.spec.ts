import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { progressOf, summaryOf } from '../testing/sample-reports.ts';
import { StageTally } from './stage-tally.ts';

describe('StageTally', () => {
  it('has as total the sum over the agents, live and final', () => {
    const counts = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(counts, (agents) => {
        const ids = agents.map((_, index) => `agent-${String(index)}`);
        const tally = new StageTally(ids);
        for (const [index, intervals] of agents.entries()) {
          for (const [interval, count] of intervals.entries()) {
            tally.addProgress(ids[index] ?? '', progressOf(interval + 1, count));
          }
        }
        const all = agents.flat().reduce((sum, count) => sum + count, 0);
        expect([...tally.operations]).toEqual(all > 0 ? ['PUT'] : []);
        expect(tally.total().operationCount()).toBe(all);
        for (const [index, intervals] of agents.entries()) {
          const count = intervals.reduce((sum, each) => sum + each, 0);
          expect(tally.addSummary(ids[index] ?? '', summaryOf(count, 1000))).toBe(true);
        }
        expect(tally.total().operationCount()).toBe(all);
      }),
      { numRuns: 30 },
    );
  });

  it('notices a final report that does not equal its intervals, and takes it as the truth', () => {
    const tally = new StageTally(['a']);
    tally.addProgress('a', progressOf(1, 5));
    expect(tally.addSummary('a', summaryOf(6, 1000))).toBe(false);
    expect(tally.total().operationCount()).toBe(6);
  });

  it('measures the common window up to the end of the first agent to finish', () => {
    const tally = new StageTally(['fast', 'slow']);
    tally.addProgress('fast', progressOf(1, 100));
    tally.addProgress('slow', progressOf(1, 10));
    tally.addProgress('fast', progressOf(2, 50, 1500));
    tally.addSummary('fast', summaryOf(150, 1500));
    tally.addProgress('slow', progressOf(2, 20));
    tally.addProgress('slow', progressOf(3, 20));
    tally.addSummary('slow', summaryOf(50, 3000));
    const window = tally.commonWindow();
    expect(window?.windowMs).toBe(1500);
    // 150 of the fast agent; of the slow one 10 in the first second and half of the 20 in the second.
    expect(window?.rates.find(({ operationClass }) => operationClass === 'PUT')?.opsPerSecond).toBe(
      (150 + 20) / 1.5,
    );
    expect(tally.wallMs).toBe(3000);
  });

  it('takes all of an agent into the window that its last operation ends, though its report comes later', () => {
    const tally = new StageTally(['a', 'b']);
    for (const id of ['a', 'b']) {
      tally.addProgress(id, progressOf(1, 40, 1000));
      tally.addSummary(id, summaryOf(40, 250));
    }
    expect(tally.commonWindow()?.rates[1]?.opsPerSecond).toBe(80 / 0.25);
  });

  it('keeps the common window of an agent that ended long before the others', () => {
    const tally = new StageTally(['fast', 'slow']);
    for (const id of ['fast', 'slow']) tally.addProgress(id, progressOf(1, 10));
    tally.addSummary('fast', summaryOf(10, 1000));
    for (let second = 2; second < 100; second++) tally.addProgress('slow', progressOf(second, 1));
    tally.addSummary('slow', summaryOf(108, 99_000));
    expect(tally.commonWindow()).toMatchObject({ windowMs: 1000 });
    expect(tally.commonWindow()?.rates[1]?.opsPerSecond).toBe(20);
  });

  it('has no common window without work', () => {
    expect(new StageTally(['a']).commonWindow()).toBeUndefined();
  });
});
