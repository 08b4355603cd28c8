import { describe, expect, it } from '@jest/globals';
import type { RunOutcome } from '@sai3bench/coordinator';
import { renderOutcome, renderPlace } from './render-outcome.ts';

const INTERRUPTED: RunOutcome = { kind: 'interrupted', failures: [], operations: 3, errors: 0 };

describe('renderOutcome()', () => {
  it('says how to go on after a run that has left prepared objects, and how to delete them', () => {
    expect(renderOutcome(INTERRUPTED, 'w.yaml')).toEqual([
      '✗ Run interrupted: results up to then are kept',
      '  Operations really done: 3',
      '  See STATUS.txt in the results directory for the whole story',
      '  Prepared objects may still be there: the same command goes on from them, sai3bench-ctl cleanup --config w.yaml deletes them',
    ]);
  });

  it.each([
    ['has made nothing', { ...INTERRUPTED, operations: 0 }, 'w.yaml'],
    ['prepares nothing', INTERRUPTED, undefined],
    ['is complete', { ...INTERRUPTED, kind: 'completed' as const }, 'w.yaml'],
  ])('does not speak of objects after a run that %s', (_, outcome, prepared) => {
    expect(renderOutcome(outcome, prepared).join('\n')).not.toContain('objects');
  });
});

describe('renderPlace()', () => {
  it('names where the results are, and does not say so when they were removed', () => {
    expect(renderPlace('/results', true)).toBe('Results saved to: /results');
    expect(renderPlace('/results', false)).toBe('Results LOST: /results is not there any more');
  });
});
