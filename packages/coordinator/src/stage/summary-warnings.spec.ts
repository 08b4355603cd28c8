import { describe, expect, it } from '@jest/globals';
import { summaryOf } from '../testing/sample-reports.ts';
import { warningsOf } from './summary-warnings.ts';

describe('a stage that was completed', () => {
  it('without anything to add has no warnings', () => {
    expect(warningsOf(summaryOf(5, 100))).toEqual([]);
  });

  it('though something was amiss says what, and how many threads hang', () => {
    const failure = {
      code: 'STAGE_RAN_DRY',
      class: 'config',
      message: 'all objects were deleted',
      attempts: 1,
      retryable: false,
      causes: [],
    } as const;
    const [dry, stuck] = warningsOf(summaryOf(5, 100, { failure, stuckWorkers: 3 }));
    expect(dry).toContain('all objects were deleted');
    expect(stuck).toContain('3 worker threads');
  });
});
