import {
  LatencyHistogram,
  type LatencySummary,
  type Operation,
  operationClass,
  OPERATIONS,
  type OperationStats,
  SIZE_BUCKET_LABELS,
  summarize,
} from '@sai3bench/stats';
import type { Column } from './tsv.ts';

/** One row of a table of operation results. */
export interface OperationRow {
  readonly operation: Operation | 'META';
  readonly sizeBucket: string;
  readonly bucketIndex: number;
  /** With the {@link PERCENTILES}. */
  readonly stats: LatencySummary;
  readonly errors: number;
  readonly beside: BesideLatency;
  readonly wallMs: number;
}

/** What is known of operations of a kind beside their latencies, all sizes together. */
interface BesideLatency {
  readonly retries: number;
  readonly connectNs: number;
  readonly retryNs: number;
  /** From 0 to 1. */
  readonly generateShare: number;
  /**
   * {@link FIRST_BYTE_PERCENTILES} of the time to first byte, in ns, of those that were successful and of which it is
   * known; 0 without any.
   */
  readonly firstByteNs: readonly number[];
}

/** Percentiles of the latency, ascending: all are found in one pass over the histogram. */
const PERCENTILES = [50, 90, 95, 99, 99.9, 100] as const;
/** The same of the time to first byte. */
const FIRST_BYTE_PERCENTILES = [50, 99] as const;

const NOTHING: BesideLatency = {
  retries: 0,
  connectNs: 0,
  retryNs: 0,
  generateShare: 0,
  firstByteNs: [],
};

/** Bucket numbers of rows over all sizes. Those of GET, PUT and META are the peer's. */
const ALL_SIZES: Readonly<Record<Operation | 'META', number>> = {
  DELETE: 92,
  STAT: 93,
  LIST: 94,
  MKDIR: 95,
  RMDIR: 96,
  META: 97,
  GET: 98,
  PUT: 99,
};

const microseconds = (ns: number): string => (ns / 1000).toFixed(2);
const seconds = (ns: number): string => (ns / 1e9).toFixed(6);
const percentile = (row: OperationRow, percent: (typeof PERCENTILES)[number]): string =>
  microseconds(row.stats.percentilesNs[PERCENTILES.indexOf(percent)] ?? 0);
const firstByte = (
  { beside }: OperationRow,
  percent: (typeof FIRST_BYTE_PERCENTILES)[number],
): string => microseconds(beside.firstByteNs[FIRST_BYTE_PERCENTILES.indexOf(percent)] ?? 0);
const perSecond = (amount: number, row: OperationRow): number =>
  row.wallMs > 0 ? amount / (row.wallMs / 1000) : 0;

/** Columns of the stage tables and of each agent's `results.tsv`. */
export const OPERATION_COLUMNS: readonly Column<OperationRow>[] = [
  {
    name: 'operation',
    meaning: 'GET, PUT, DELETE, STAT, LIST, MKDIR, RMDIR; META is the sum of all but GET and PUT',
    value: ({ operation }) => operation,
  },
  {
    name: 'size_bucket',
    meaning: 'label of the object size bucket, or ALL',
    value: ({ sizeBucket }) => sizeBucket,
  },
  {
    name: 'bucket_idx',
    meaning: '0 to 8 for size buckets; 92 to 97 for metadata, 98 for all GETs, 99 for all PUTs',
    value: ({ bucketIndex }) => String(bucketIndex),
  },
  {
    name: 'mean_us',
    meaning: 'mean latency of successful operations in µs, from the exact sum',
    value: ({ stats }) => microseconds(stats.meanNs),
  },
  { name: 'p50_us', meaning: 'median latency in µs', value: (row) => percentile(row, 50) },
  { name: 'p90_us', meaning: '90th percentile in µs', value: (row) => percentile(row, 90) },
  { name: 'p95_us', meaning: '95th percentile in µs', value: (row) => percentile(row, 95) },
  { name: 'p99_us', meaning: '99th percentile in µs', value: (row) => percentile(row, 99) },
  { name: 'max_us', meaning: 'longest latency in µs', value: (row) => percentile(row, 100) },
  {
    name: 'avg_bytes',
    meaning: 'mean payload in bytes',
    value: ({ stats }) => (stats.operations === 0 ? 0 : stats.bytes / stats.operations).toFixed(0),
  },
  {
    name: 'ops_per_sec',
    meaning: 'successful operations per second of wall time',
    value: (row) => perSecond(row.stats.operations, row).toFixed(2),
  },
  {
    name: 'throughput_mibps',
    meaning: 'payload in MiB per second of wall time',
    value: (row) => perSecond(row.stats.bytes / 1024 ** 2, row).toFixed(2),
  },
  {
    name: 'count',
    meaning: 'successful operations',
    value: ({ stats }) => String(stats.operations),
  },
  { name: 'p999_us', meaning: '99.9th percentile in µs', value: (row) => percentile(row, 99.9) },
  {
    name: 'errors',
    meaning: 'failed operations, in the rows over all sizes; they have no latency',
    value: ({ errors }) => String(errors),
  },
  {
    name: 'retries',
    meaning: 'failed attempts that were followed by another, in the rows over all sizes',
    value: ({ beside }) => String(beside.retries),
  },
  {
    name: 'connect_s',
    meaning: 'sum of the time that operations waited for connections to be made, in s',
    value: ({ beside }) => seconds(beside.connectNs),
  },
  {
    name: 'retry_s',
    meaning: 'sum of the time between first and last attempts, pauses included, in s',
    value: ({ beside }) => seconds(beside.retryNs),
  },
  {
    name: 'generate_pct',
    meaning: 'share of the time of PUTs in which their payload was generated',
    value: ({ beside }) => (100 * beside.generateShare).toFixed(2),
  },
  {
    name: 'ttfb_p50_us',
    meaning: 'median time to first byte in µs, in the rows over all sizes; 0 when it is not known',
    value: (row) => firstByte(row, 50),
  },
  {
    name: 'ttfb_p99_us',
    meaning: '99th percentile of the same',
    value: (row) => firstByte(row, 99),
  },
];

/**
 * The rows of a table: for GET and PUT each size bucket and all sizes, one for each metadata operation, and META
 * as their sum. Rows without successes and errors are left out; the order is that of the bucket numbers.
 */
export function operationRows(stats: OperationStats, wallMs: number): OperationRow[] {
  const sized = stats.slots().filter(({ operation }) => operationClass(operation) !== 'META');
  const rows: OperationRow[] = sized.map(({ operation, sizeBucket, stats: slot }) => ({
    operation,
    sizeBucket: SIZE_BUCKET_LABELS[sizeBucket] ?? '',
    bucketIndex: sizeBucket,
    stats: summarize([slot], PERCENTILES),
    errors: 0,
    beside: NOTHING,
    wallMs,
  }));
  const addTotal = (operation: Operation | 'META', all: LatencySummary, errors: number): void => {
    if (all.operations === 0 && errors === 0) return;
    const bucketIndex = ALL_SIZES[operation];
    const beside = besideLatency(stats, operation);
    rows.push({ operation, sizeBucket: 'ALL', bucketIndex, stats: all, errors, beside, wallMs });
  };
  for (const operation of OPERATIONS) {
    addTotal(operation, stats.summarizeOperation(operation, PERCENTILES), stats.errors(operation));
  }
  addTotal('META', stats.summarizeClass('META', PERCENTILES), stats.errorsOfClass('META'));
  return rows.toSorted((a, b) => a.bucketIndex - b.bucketIndex);
}

function besideLatency(stats: OperationStats, operation: Operation | 'META'): BesideLatency {
  const kinds = OPERATIONS.filter((kind) =>
    operation === 'META' ? operationClass(kind) === 'META' : kind === operation,
  );
  const sum = (of: (kind: Operation) => number): number =>
    kinds.reduce((total, kind) => total + of(kind), 0);
  return {
    firstByteNs: LatencyHistogram.percentilesOf(
      kinds.map((kind) => stats.firstByte(kind)),
      FIRST_BYTE_PERCENTILES,
    ),
    retries: sum((kind) => stats.retries(kind)),
    connectNs: sum((kind) => stats.times(kind).connectNs),
    retryNs: sum((kind) => stats.times(kind).retryNs),
    generateShare: operation === 'PUT' ? stats.generateShare() : 0,
  };
}

/** Columns of each agent's `results.tsv`: those of a stage table behind the name of the stage. */
export const AGENT_RESULT_COLUMNS: readonly Column<OperationRow & { readonly stage: string }>[] = [
  { name: 'stage', meaning: 'name of the stage', value: ({ stage }) => stage },
  ...OPERATION_COLUMNS,
];
