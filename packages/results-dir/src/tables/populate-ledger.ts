import type { Column } from './tsv.ts';

/** What a prepare stage has made, of one agent or of all. */
export interface LedgerRow {
  readonly at: Date;
  readonly testName: string;
  readonly agentId: string;
  readonly stage: string;
  readonly objectsCreated: number;
  /** Objects that were there before and were left as they are. */
  readonly objectsExisted: number;
  /** Bytes that were written now. */
  readonly totalBytes: number;
  readonly wallMs: number;
}

/** The agent of the row that sums up a stage; leave it out when adding up. */
export const AGGREGATE = 'AGGREGATE';

/** Columns of `populate_ledger.tsv`. */
export const LEDGER_COLUMNS: readonly Column<LedgerRow>[] = [
  {
    name: 'timestamp',
    meaning: 'end of the stage, RFC 3339 in UTC',
    value: ({ at }) => at.toISOString(),
  },
  { name: 'test_name', meaning: 'name of the run', value: ({ testName }) => testName },
  {
    name: 'agent_id',
    meaning: `name of the agent; ${AGGREGATE} for the sum of a stage, which comes last`,
    value: ({ agentId }) => agentId,
  },
  { name: 'stage', meaning: 'name of the stage', value: ({ stage }) => stage },
  {
    name: 'objects_created',
    meaning: 'objects that were written',
    value: ({ objectsCreated }) => String(objectsCreated),
  },
  {
    name: 'objects_existed',
    meaning: 'objects that were there before and were not written again',
    value: ({ objectsExisted }) => String(objectsExisted),
  },
  {
    name: 'total_objects',
    meaning: 'both together',
    value: ({ objectsCreated, objectsExisted }) => String(objectsCreated + objectsExisted),
  },
  {
    name: 'total_bytes',
    meaning: 'bytes that were written',
    value: ({ totalBytes }) => String(totalBytes),
  },
  {
    name: 'avg_bytes',
    meaning: 'bytes per object that was written',
    value: ({ objectsCreated, totalBytes }) =>
      (objectsCreated === 0 ? 0 : totalBytes / objectsCreated).toFixed(1),
  },
  {
    name: 'wall_seconds',
    meaning:
      'from the start of the stage to the end of its last operation; the longest of all agents',
    value: ({ wallMs }) => (wallMs / 1000).toFixed(3),
  },
  {
    name: 'ops_per_sec',
    meaning: 'objects that were written per second',
    value: ({ objectsCreated, wallMs }) =>
      (wallMs === 0 ? 0 : objectsCreated / (wallMs / 1000)).toFixed(1),
  },
];

/** The rows of a stage: its agents', then their sum. */
export function withAggregate(rows: readonly LedgerRow[]): LedgerRow[] {
  const [first] = rows;
  if (first === undefined) return [];
  const sum = (pick: (row: LedgerRow) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0);
  return [
    ...rows,
    {
      ...first,
      agentId: AGGREGATE,
      objectsCreated: sum(({ objectsCreated }) => objectsCreated),
      objectsExisted: sum(({ objectsExisted }) => objectsExisted),
      totalBytes: sum(({ totalBytes }) => totalBytes),
      wallMs: Math.max(...rows.map(({ wallMs }) => wallMs)),
    },
  ];
}
