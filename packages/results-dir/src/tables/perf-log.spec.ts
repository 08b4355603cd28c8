import { describe, expect, it } from '@jest/globals';
import { headerText, KeptTexts } from '../kept-texts.ts';
import { statsOf } from '../testing/sample-stats.ts';
import { PERF_COLUMNS, perfLine } from './perf-log.ts';
import { parseTsv } from './tsv.ts';

describe('perf_log.tsv', () => {
  it('has the columns of the format, in order, and the number of agents reporting', () => {
    expect(PERF_COLUMNS.map(({ name }) => name)).toEqual([
      ...['agent_id', 'timestamp_epoch_ms', 'elapsed_s', 'stage'],
      ...['get_ops', 'get_bytes', 'get_iops', 'get_mbps'],
      ...['get_mean_us', 'get_p50_us', 'get_p90_us', 'get_p99_us'],
      ...['put_ops', 'put_bytes', 'put_iops', 'put_mbps'],
      ...['put_mean_us', 'put_p50_us', 'put_p90_us', 'put_p99_us'],
      ...['meta_ops', 'meta_iops', 'meta_mean_us', 'meta_p50_us', 'meta_p90_us', 'meta_p99_us'],
      ...['cpu_user_pct', 'cpu_system_pct', 'cpu_iowait_pct', 'errors', 'agents_reporting'],
    ]);
  });

  it('gives the numbers of the interval, with rates over its length', () => {
    const row = {
      agentId: 'controller',
      timestampMs: 1_771_457_009_622.4,
      elapsedMs: 3000,
      intervalMs: 500,
      stage: 'execute',
      stats: statsOf(
        [
          ['GET', 1024 * 1024, 10_000],
          ['DELETE', 0, 20_000],
        ],
        ['PUT'],
      ),
      cpu: { userPct: 12.34, systemPct: 5, iowaitPct: 0 },
      agentsReporting: 2,
    };
    const line = perfLine(row, new KeptTexts());
    expect(parseTsv(headerText(PERF_COLUMNS) + line)[0]).toMatchObject({
      agent_id: 'controller',
      timestamp_epoch_ms: '1771457009622',
      elapsed_s: '3.000',
      get_ops: '1',
      get_iops: '2.0',
      get_mbps: '2.00',
      get_mean_us: '10.00',
      put_ops: '0',
      put_p99_us: '0.00',
      meta_ops: '1',
      meta_iops: '2.0',
      cpu_user_pct: '12.3',
      errors: '1',
      agents_reporting: '2',
    });
  });
});
