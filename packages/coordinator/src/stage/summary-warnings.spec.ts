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

  it('for another region than was configured says which', () => {
    const traffic = {
      addresses: [],
      reconnects: 0,
      connectTimes: new Uint8Array(),
      region: 'eu-west-1',
      regionAdopted: true,
    };
    const endpoint = {
      ...{ address: 's3://bucket/', requests: 1, errors: 0, bytesRead: 0, bytesWritten: 0 },
      ...{ outMs: 0, latency: new Uint8Array() },
    };
    const endpoints = [
      { ...endpoint, traffic },
      { ...endpoint, traffic: { ...traffic, regionAdopted: false } },
    ];
    const warnings = warningsOf(summaryOf(5, 100, { endpoints }));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      's3://bucket/: the server says that the bucket is in region eu-west-1',
    );
  });
});
