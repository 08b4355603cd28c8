import { describe, expect, it } from '@jest/globals';
import { KeptTexts } from '../kept-texts.ts';
import { NO_GET_CHECKS, OPERATIONS } from '@sai3bench/stats';
import fc from 'fast-check';
import { statsOf } from '../testing/sample-stats.ts';
import { OPERATION_COLUMNS, operationRows } from './operation-table.ts';
import { parseTsv } from './tsv.ts';

function rowsOf(...args: Parameters<typeof statsOf>): Record<string, string>[] {
  return parseTsv(new KeptTexts().table(OPERATION_COLUMNS, operationRows(statsOf(...args), 2000)));
}

describe('the table of operation results', () => {
  it('has the columns of the format, in order', () => {
    expect(OPERATION_COLUMNS.map(({ name }) => name)).toEqual([
      ...['operation', 'size_bucket', 'bucket_idx', 'mean_us', 'p50_us', 'p90_us', 'p95_us'],
      ...['p99_us', 'max_us', 'avg_bytes', 'ops_per_sec', 'throughput_mibps', 'count'],
      ...[
        'p999_us',
        'errors',
        'retries',
        'connect_s',
        'retry_s',
        'generate_pct',
        'ttfb_p50_us',
        'ttfb_p99_us',
      ],
    ]);
  });

  it('has in the rows over all sizes what is beside latencies', () => {
    const stats = statsOf([
      ['PUT', 10, 750],
      ['STAT', 0, 1000],
    ]);
    const beside = { connectNs: 0, retryNs: 0, generateNs: 0, generateApartNs: 0 };
    const none = {
      errors: 0,
      cancelled: 0,
      firstByte: new Uint8Array(),
      response: new Uint8Array(),
    };
    stats.add({
      slots: [],
      operations: [
        { ...none, ...beside, operation: 'PUT', retries: 0, generateNs: 250, generateApartNs: 250 },
        { ...none, ...beside, operation: 'STAT', retries: 2, connectNs: 5e9, retryNs: 1_000 },
      ],
      clamped: 0,
      getChecks: NO_GET_CHECKS,
    });
    const rows = parseTsv(new KeptTexts().table(OPERATION_COLUMNS, operationRows(stats, 2000)));
    const of = (operation: string, size: string): Record<string, string> =>
      rows.find((row) => row['operation'] === operation && row['size_bucket'] === size) ?? {};
    expect(of('PUT', '1B-8KiB')).toMatchObject({ retries: '0', generate_pct: '0.00' });
    expect(of('PUT', 'ALL')).toMatchObject({ retries: '0', generate_pct: '25.00' });
    for (const operation of ['STAT', 'META']) {
      expect(of(operation, 'ALL')).toMatchObject({
        retries: '2',
        connect_s: '5.000000',
        retry_s: '0.000001',
        generate_pct: '0.00',
      });
    }
  });

  it('has in the rows over all sizes the time to first byte of the operations of which it is known', () => {
    const rows = rowsOf([
      ['GET', 10, 90_000, 10_000],
      ['GET', 1_000_000, 90_000, 20_000],
      ['STAT', 0, 90_000, 30_000],
      ['DELETE', 0, 90_000],
    ]);
    const times = rows.map(({ operation, size_bucket, ttfb_p50_us, ttfb_p99_us }) => [
      ...[operation, size_bucket, Math.round(Number(ttfb_p50_us)), Math.round(Number(ttfb_p99_us))],
    ]);
    expect(times).toEqual([
      ['GET', '1B-8KiB', 0, 0],
      ['GET', '512KiB-4MiB', 0, 0],
      ['DELETE', 'ALL', 0, 0],
      ['STAT', 'ALL', 30, 30],
      ['META', 'ALL', 30, 30],
      ['GET', 'ALL', 10, 20],
    ]);
  });

  it('has a row for each size bucket of GET and PUT, and one for all sizes, by bucket number', () => {
    const rows = rowsOf([
      ['PUT', 4096, 1000],
      ['GET', 4096, 1000],
      ['GET', 1_000_000, 3000],
    ]);
    expect(rows.map((row) => [row['operation'], row['size_bucket'], row['bucket_idx']])).toEqual([
      ['GET', '1B-8KiB', '1'],
      ['PUT', '1B-8KiB', '1'],
      ['GET', '512KiB-4MiB', '4'],
      ['GET', 'ALL', '98'],
      ['PUT', 'ALL', '99'],
    ]);
  });

  it('has one row for each metadata operation, and META as their sum', () => {
    const rows = rowsOf(
      [
        ['DELETE', 0, 1000],
        ['STAT', 0, 3000],
        ['STAT', 0, 3000],
      ],
      ['LIST', 'GET'],
    );
    const counts = rows.map((row) => [row['operation'], row['count'], row['errors']]);
    expect(counts).toEqual([
      ['DELETE', '1', '0'],
      ['STAT', '2', '0'],
      ['LIST', '0', '1'],
      ['META', '3', '1'],
      ['GET', '0', '1'],
    ]);
  });

  it('gives rates over the wall time and latencies in µs', () => {
    const [row] = rowsOf([
      ['GET', 1024 * 1024, 10_000],
      ['GET', 1024 * 1024, 30_000],
    ]);
    expect(row).toMatchObject({
      mean_us: '20.00',
      ops_per_sec: '1.00',
      throughput_mibps: '1.00',
      avg_bytes: '1048576',
      count: '2',
    });
    expect(Number(row?.['max_us'])).toBeCloseTo(30, 1);
  });

  it('counts every operation in exactly one size bucket', () => {
    const sample = fc.tuple(fc.constantFrom(...OPERATIONS), fc.nat(2 ** 32), fc.nat(1e9));
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const rows = rowsOf(samples);
        for (const operation of ['GET', 'PUT'] as const) {
          const count = (wanted: (bucket: string) => boolean): number =>
            rows
              .filter((row) => row['operation'] === operation && wanted(row['size_bucket'] ?? ''))
              .reduce((sum, row) => sum + Number(row['count']), 0);
          expect(count((bucket) => bucket !== 'ALL')).toBe(count((bucket) => bucket === 'ALL'));
        }
      }),
      { numRuns: 30 },
    );
  });
});
