import type { LatencySummary, OperationStats } from '@sai3bench/stats';
import type { KeptText, KeptTexts } from '../kept-texts.ts';
import type { Column } from './tsv.ts';

/** One row of a `perf_log.tsv`: an interval of a stage, of one agent or of all. */
export interface PerfRow {
  readonly agentId: string;
  /** Time of day at the end of the interval, ms since 1970. */
  readonly timestampMs: number;
  /** End of the interval, from the common start of the stage. */
  readonly elapsedMs: number;
  /** Length of the interval. */
  readonly intervalMs: number;
  readonly stage: string;
  /** What happened in the interval. */
  readonly stats: OperationStats;
  readonly cpu: {
    readonly userPct: number;
    readonly systemPct: number;
    readonly iowaitPct: number;
  };
  readonly agentsReporting: number;
}

type OperationClass = 'GET' | 'PUT' | 'META';

const PERCENTILES = [50, 90, 99] as const;

/** A row with everything that several columns need computed once. */
export interface PerfCells extends PerfRow {
  readonly classes: Readonly<Record<OperationClass, LatencySummary>>;
}

/** What the columns of a row are taken from. */
function perfCells(row: PerfRow): PerfCells {
  const cells = (kind: OperationClass) => row.stats.summarizeClass(kind, PERCENTILES);
  return { ...row, classes: { GET: cells('GET'), PUT: cells('PUT'), META: cells('META') } };
}

const rate = (amount: number, row: PerfCells): number =>
  row.intervalMs > 0 ? amount / (row.intervalMs / 1000) : 0;
const microseconds = (ns: number): string => (ns / 1000).toFixed(2);

function countColumns(kind: OperationClass): Column<PerfCells>[] {
  const prefix = kind.toLowerCase();
  const of = ({ classes }: PerfCells): LatencySummary => classes[kind];
  const operations: Column<PerfCells> = {
    name: `${prefix}_ops`,
    meaning: `successful ${kind} operations in the interval`,
    value: (row) => String(of(row).operations),
  };
  const iops: Column<PerfCells> = {
    name: `${prefix}_iops`,
    meaning: `${kind} operations per second in the interval`,
    value: (row) => rate(of(row).operations, row).toFixed(1),
  };
  if (kind === 'META') return [operations, iops];
  return [
    operations,
    {
      name: `${prefix}_bytes`,
      meaning: `bytes of ${kind} in the interval`,
      value: (row) => String(of(row).bytes),
    },
    iops,
    {
      name: `${prefix}_mbps`,
      meaning: `${kind} throughput in MiB/s in the interval`,
      value: (row) => rate(of(row).bytes / 1024 ** 2, row).toFixed(2),
    },
  ];
}

function latencyColumns(kind: OperationClass): Column<PerfCells>[] {
  const prefix = kind.toLowerCase();
  return [
    {
      name: `${prefix}_mean_us`,
      meaning: `mean ${kind} latency in the interval, in µs`,
      value: ({ classes }) => microseconds(classes[kind].meanNs),
    },
    ...PERCENTILES.map((percentile, index) => ({
      name: `${prefix}_p${String(percentile)}_us`,
      meaning: `percentile ${String(percentile)} of ${kind} latency in the interval, from merged histograms, in µs`,
      value: ({ classes }: PerfCells) => microseconds(classes[kind].percentilesNs[index] ?? 0),
    })),
  ];
}

/** Columns of `perf_log.tsv`. */
export const PERF_COLUMNS: readonly Column<PerfCells>[] = [
  {
    name: 'agent_id',
    meaning: 'id of the agent, or "controller" for all together',
    value: ({ agentId }) => agentId,
  },
  {
    name: 'timestamp_epoch_ms',
    meaning: 'time of day at the end of the interval, ms since 1970',
    value: ({ timestampMs }) => String(Math.round(timestampMs)),
  },
  {
    name: 'elapsed_s',
    meaning: 'seconds since the common start of the stage; whole but for the last row of a stage',
    value: ({ elapsedMs }) => (elapsedMs / 1000).toFixed(3),
  },
  { name: 'stage', meaning: 'name of the stage', value: ({ stage }) => stage },
  ...countColumns('GET'),
  ...latencyColumns('GET'),
  ...countColumns('PUT'),
  ...latencyColumns('PUT'),
  ...countColumns('META'),
  ...latencyColumns('META'),
  {
    name: 'cpu_user_pct',
    meaning: 'use of all processors by programs in %, mean over the hosts',
    value: ({ cpu }) => cpu.userPct.toFixed(1),
  },
  {
    name: 'cpu_system_pct',
    meaning: 'use of all processors by the kernel in %, mean over the hosts',
    value: ({ cpu }) => cpu.systemPct.toFixed(1),
  },
  {
    name: 'cpu_iowait_pct',
    meaning: 'processors idle with I/O under way in %, mean over the hosts',
    value: ({ cpu }) => cpu.iowaitPct.toFixed(1),
  },
  {
    name: 'errors',
    meaning: 'failed operations in the interval',
    value: ({ stats }) => String(stats.errors()),
  },
  {
    name: 'agents_reporting',
    meaning: 'agents whose numbers are in the row',
    value: ({ agentsReporting }) => String(agentsReporting),
  },
];

/** A row of `perf_log.tsv` with its line end. */
export function perfLine(row: PerfRow, texts: KeptTexts): KeptText {
  return texts.rows(PERF_COLUMNS, [perfCells(row)]);
}
