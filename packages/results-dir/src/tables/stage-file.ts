import type { DeltaCounts, OperationStats } from '@sai3bench/stats';
import { type KeptText, type KeptTexts, keptTogether } from '../kept-texts.ts';
import { OPERATION_COLUMNS, operationRows } from './operation-table.ts';
import type { Column } from './tsv.ts';

/** What one agent did in a stage. */
export interface AgentShare {
  readonly agentId: string;
  readonly counts: DeltaCounts;
  /** May be made when it is asked for. Undefined where only the counts are known. */
  readonly stats: OperationStats | undefined;
  readonly wallMs: number;
}

/** Everything about a stage that its file says. */
export interface StageResult {
  /** Position among the stages of the run, from 1. */
  readonly number: number;
  readonly name: string;
  readonly kind: string;
  /** From the planned start to the end of the last operation of the slowest agent. */
  readonly wallMs: number;
  /** Rates while all agents were at work; undefined when there was no such time. */
  readonly commonWindow: CommonWindow | undefined;
  readonly stats: OperationStats;
  readonly agents: readonly AgentShare[];
  /** Why the results are not those of a whole stage; undefined when they are. */
  readonly partial: string | undefined;
}

/** What happened between the start of the stage and the end of the first agent to finish. */
export interface CommonWindow {
  readonly windowMs: number;
  /** By class of operation, in the order GET, PUT, META. */
  readonly rates: readonly {
    readonly operationClass: string;
    readonly opsPerSecond: number;
    readonly bytesPerSecond: number;
  }[];
}

/** Columns of the second table of a stage file. */
export const AGENT_COLUMNS: readonly Column<AgentShare>[] = [
  { name: 'agent_id', meaning: 'id of the agent', value: ({ agentId }) => agentId },
  {
    name: 'get_ops',
    meaning: 'successful GETs',
    value: ({ counts }) => String(counts.classes.GET.operations),
  },
  {
    name: 'get_bytes',
    meaning: 'bytes that they returned',
    value: ({ counts }) => String(counts.classes.GET.bytes),
  },
  {
    name: 'put_ops',
    meaning: 'successful PUTs',
    value: ({ counts }) => String(counts.classes.PUT.operations),
  },
  {
    name: 'put_bytes',
    meaning: 'bytes that they stored',
    value: ({ counts }) => String(counts.classes.PUT.bytes),
  },
  {
    name: 'meta_ops',
    meaning: 'successful metadata operations',
    value: ({ counts }) => String(counts.classes.META.operations),
  },
  {
    name: 'duration_s',
    meaning: 'seconds from the planned start to the end of the last operation',
    value: ({ wallMs }) => (wallMs / 1000).toFixed(3),
  },
  { name: 'errors', meaning: 'failed operations', value: ({ counts }) => String(counts.errors) },
];

/** The text of `NN_{stage}_results.tsv`. */
export function stageFileText(result: StageResult, texts: KeptTexts): KeptText {
  const comments = [
    `Stage ${String(result.number)} Results: ${result.name} (${result.kind})`,
    `Agents: ${String(result.agents.length)}`,
    `Duration: ${(result.wallMs / 1000).toFixed(2)}s`,
    ...(result.commonWindow === undefined ? [] : [describeWindow(result.commonWindow)]),
    ...(result.partial === undefined ? [] : [`Partial: ${result.partial}`]),
  ];
  return keptTogether([
    ...comments.map((comment) => texts.line(`# ${comment}`)),
    texts.line(''),
    texts.table(OPERATION_COLUMNS, operationRows(result.stats, result.wallMs)),
    texts.line(''),
    texts.line('# Per-Agent Details'),
    texts.table(AGENT_COLUMNS, result.agents),
  ]);
}

function describeWindow({ rates, windowMs }: CommonWindow): string {
  const parts = rates
    .filter(({ opsPerSecond }) => opsPerSecond > 0)
    .map(
      ({ bytesPerSecond, operationClass, opsPerSecond }) =>
        `${operationClass} ${opsPerSecond.toFixed(2)} ops/s ${(bytesPerSecond / 1024 ** 2).toFixed(2)} MiB/s`,
    );
  return `Common window: ${(windowMs / 1000).toFixed(2)}s${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

/** The name of a stage's file: numbered from 01, so that files sort in the order of the stages. */
export function stageFileName(number: number, name: string): string {
  return `${String(number).padStart(2, '0')}_${name}_results.tsv`;
}
