import { describe, expect, it } from '@jest/globals';
import { putStats, summaryOf } from '../testing/sample-reports.ts';
import { statsFromText, statsToText, summaryFromText, summaryToText } from './report-text.ts';

const asTheyAre = (text: string): string => text;

describe('reports as text', () => {
  it('are what they were when they are read again', () => {
    expect(statsFromText(statsToText(putStats(3, 1)))).toEqual(putStats(3, 1));
    const summary = summaryOf(5, 900, { outcome: 'failed', stuckWorkers: 2 });
    expect(summaryFromText(summaryToText(2, summary, asTheyAre))).toEqual(summary);
  });

  it('need no escaping in a file of JSON', () => {
    const text = summaryToText(2, summaryOf(5, 900), asTheyAre);
    expect(JSON.stringify(text)).toBe(`"${text}"`);
  });

  it('hide no secret that a server or a program has repeated', () => {
    const failure = {
      ...({ code: 'X', class: 'auth', attempts: 1, retryable: false } as const),
      ...{ message: 'no access for hunter2', causes: ['key=hunter2', 'other'] },
    };
    const group = {
      ...({ operation: 'PUT', endpoint: '', class: 'auth', code: 'X', hint: 'grant it' } as const),
      ...{ key: 'k', count: 1, firstAtMs: 1, lastAtMs: 1, message: 'no access for hunter2' },
    };
    const summary = summaryOf(5, 900, { outcome: 'failed', failure, errors: [group] });
    const text = summaryToText(2, summary, (said) => said.replaceAll('hunter2', '***'));
    expect(Buffer.from(text, 'base64').toString('latin1')).not.toContain('hunter2');
    expect(summaryFromText(text)).toEqual({
      ...summary,
      failure: { ...failure, message: 'no access for ***', causes: ['key=***', 'other'] },
      errors: [{ ...group, message: 'no access for ***' }],
    });
  });
});
