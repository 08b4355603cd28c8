import { describe, expect, it } from '@jest/globals';
import { NO_TRAFFIC, putStats, summaryOf } from '../testing/sample-reports.ts';
import { outWarningsOf, warningsOf } from './summary-warnings.ts';

describe('a stage that was completed', () => {
  it('without anything to add has no warnings', () => {
    expect(warningsOf(summaryOf(5, 100), 'full')).toEqual([]);
  });

  it('though endpoints failed says which ones were out for longest, and how many others', () => {
    const endpoints = [5, 0, 1500, 20, 7, 6].map((outMs, index) => ({
      ...{ address: `s3://h${String(index)}/`, requests: 9, errors: outMs, bytesRead: 0 },
      ...{ bytesWritten: 0, outMs, latency: new Uint8Array(), traffic: NO_TRAFFIC },
    }));
    expect(outWarningsOf({ endpoints })).toEqual([
      's3://h2/ failed (1,500 errors): its circuit breaker kept it out for 1.5s',
      's3://h3/ failed (20 errors): its circuit breaker kept it out for 20ms',
      's3://h4/ failed (7 errors): its circuit breaker kept it out for 7ms',
      'so did 2 other endpoints: see out_ms',
    ]);
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
    const [dry, stuck] = warningsOf(summaryOf(5, 100, { failure, stuckWorkers: 3 }), 'length');
    expect(dry).toContain('all objects were deleted');
    expect(stuck).toContain('3 worker threads');
  });

  it('though nothing was compared with what was written, which was asked for, says so', () => {
    const getChecks = { content: 0, length: 3, none: 1_200 };
    const summary = summaryOf(5, 100, { stats: { ...putStats(5), getChecks } });
    expect(warningsOf(summary, 'length')).toEqual([]);
    for (const level of ['sample', 'full'] as const) {
      const [warning] = warningsOf(summary, level);
      expect(warning).toContain(
        `verify: ${level} has compared the content of none of 1,203 GETs: 1,200 of them`,
      );
    }
    const some = { ...summary.stats, getChecks: { ...getChecks, content: 1 } };
    expect(warningsOf({ ...summary, stats: some }, 'full')).toEqual([]);
  });

  it('for another region than was configured says which', () => {
    const traffic = { ...NO_TRAFFIC, region: 'eu-west-1', regionAdopted: true };
    const endpoint = {
      ...{ address: 's3://bucket/', requests: 1, errors: 0, bytesRead: 0, bytesWritten: 0 },
      ...{ outMs: 0, latency: new Uint8Array() },
    };
    const endpoints = [
      { ...endpoint, traffic },
      { ...endpoint, traffic: { ...traffic, regionAdopted: false } },
    ];
    const warnings = warningsOf(summaryOf(5, 100, { endpoints }), 'length');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      's3://bucket/: the server says that the bucket is in region eu-west-1',
    );
  });
});
