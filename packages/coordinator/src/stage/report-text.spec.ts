import { describe, expect, it } from '@jest/globals';
import { putStats, summaryOf } from '../testing/sample-reports.ts';
import { statsFromText, statsToText, summaryFromText, summaryToText } from './report-text.ts';

describe('reports as text', () => {
  it('are what they were when they are read again', () => {
    expect(statsFromText(statsToText(putStats(3, 1)))).toEqual(putStats(3, 1));
    const summary = summaryOf(5, 900, { outcome: 'failed', stuckWorkers: 2 });
    expect(summaryFromText(summaryToText(2, summary))).toEqual(summary);
  });

  it('need no escaping in a file of JSON', () => {
    const text = summaryToText(2, summaryOf(5, 900));
    expect(JSON.stringify(text)).toBe(`"${text}"`);
  });
});
