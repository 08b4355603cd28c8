import type { EndedStage, SilentAgent, StageView } from '@sai3bench/coordinator';
import type { AgentShare } from '@sai3bench/results-dir';
import {
  type LatencyStats,
  type Operation,
  OPERATIONS,
  type OperationStats,
} from '@sai3bench/stats';
import type { Pace } from '@sai3bench/terminal';
import {
  formatCount,
  formatDecimal,
  formatDurationMs,
  formatLatencyNs,
  formatThroughput,
} from '@sai3bench/units';
import { renderBar } from './render-bar.ts';
import { renderEndpoints, renderEndpointTotals } from './render-endpoints.ts';
import { runsMix } from '@sai3bench/workload-config';
import { plural, SHOWN_AGENTS } from './render-plan.ts';

/** Kinds of errors that are told on the console. */
const SHOWN_ERRORS = 3;
/** Agents without a report that are named; of more, their number is told. */
const SHOWN_SILENT = 3;

export function renderStageTitle(view: Pick<StageView, 'number' | 'stages' | 'stage'>): string {
  const { number, stage, stages } = view;
  return `=== Stage ${String(number)}/${String(stages)}: ${stage.name} (${stage.kind}) ===`;
}

/** The live block of a running stage: its progress, then the endpoints. */
export function renderLive(view: StageView, pace: Pace): string[] {
  return [...renderProgress(view, pace), ...renderEndpoints(view.endpoints, view.latestMs)];
}

/** A bar, then a line for each operation with its rate and latencies in the latest second, then the errors. */
export function renderProgress(view: StageView, pace: Pace): string[] {
  const rate = (amount: number): number =>
    view.latestMs > 0 ? amount / (view.latestMs / 1000) : 0;
  const { errors } = view;
  return [
    renderBar(view, pace),
    ...OPERATIONS.flatMap((operation) => {
      if (!view.operations.has(operation)) return [];
      const latest = view.latest.ofOperation(operation);
      const [p50 = 0, p99 = 0] = latest.latency.percentilesNs([50, 99]);
      // What has not been done has no latency.
      const latencies =
        latest.operations === 0 ? '' : `, p50 ${formatLatencyNs(p50)}, p99 ${formatLatencyNs(p99)}`;
      return [
        `  ${operation.padEnd(6)} ${formatDecimal(rate(latest.operations), 0)} ops/s, ${formatThroughput(rate(latest.bytes))}${latencies}`,
      ];
    }),
    ...(errors === 0 ? [] : [`  ✗ ${plural(errors, 'error')}`]),
    ...(view.putOff === 0
      ? []
      : [
          `  ⚠ ${formatCount(view.putOff)} put off: failed so far, and tried again when the rest is done`,
        ]),
    ...renderSilent(view.silent),
  ];
}

/** Whose work is missing in the rates. */
function renderSilent(silent: readonly SilentAgent[]): string[] {
  if (silent.length === 0) return [];
  const names =
    silent.length > SHOWN_SILENT
      ? plural(silent.length, 'agent')
      : silent.map(({ agentId }) => agentId).join(', ');
  const seconds = Math.floor(Math.min(...silent.map(({ silentMs }) => silentMs)) / 1000);
  return [
    `  ⚠ no report of ${names} for ${String(seconds)} s${silent.length > 1 ? ' or more' : ''}`,
  ];
}

/** A stage that has ended: each agent, then all together. */
export function renderStageEnd(ended: EndedStage): string[] {
  const { result } = ended;
  if (result.kind === 'validation' && result.partial === undefined) {
    return [`✓ ${result.name}: passed on ${plural(result.agents.length, 'agent')}`];
  }
  if (result.kind === 'custom') return renderPrograms(ended);
  return [
    ...shownAgents(ended).flatMap((agent) => {
      const { agentId, stats, wallMs } = agent;
      const title = `  ${markOf(ended, agentId)} ${agentId}:`;
      if (stats === undefined) return [`${title} ${countedLine(agent)}`];
      return [
        `${title} ${summaryLine(stats, wallMs)}`,
        ...operationLines(stats).map((line) => `      ${line}`),
      ];
    }),
    `  Total of ${plural(result.agents.length, 'agent')}: ${summaryLine(result.stats, result.wallMs)}`,
    ...operationLines(result.stats).map((line) => `      ${line}`),
    ...renderWindow(ended),
    ...renderEndpointTotals(ended.view.endpoints),
    ...renderCompared(ended),
    ...renderErrors(ended),
    ...renderVerified(ended),
    ...renderNothingLeft(ended),
    ...(result.partial === undefined ? [] : [`  ⚠ Partial: ${result.partial}`]),
  ];
}

/** What stands before an agent: a tick only where it has told how it has ended the stage, and that it is well. */
function markOf({ failed, unreported }: EndedStage, agentId: string): string {
  if (failed.has(agentId)) return '✗';
  return unreported.has(agentId) ? '⚠ no final report of' : '✓';
}

/** All agents, or of many the first of those that failed or have not reported: the others are in the stage's file. */
function shownAgents({
  failed,
  result: { agents },
  unreported,
}: EndedStage): readonly AgentShare[] {
  if (agents.length <= SHOWN_AGENTS) return agents;
  return agents
    .filter(({ agentId }) => failed.has(agentId) || unreported.has(agentId))
    .slice(0, SHOWN_AGENTS);
}

/** How long the programs of a custom stage have run: there is nothing else to measure. */
function renderPrograms(ended: EndedStage): string[] {
  const { partial } = ended.result;
  return [
    ...shownAgents(ended).map(
      ({ agentId, wallMs }) =>
        `  ${markOf(ended, agentId)} ${agentId}: ${formatDurationMs(wallMs)}`,
    ),
    ...(partial === undefined ? [] : [`  ⚠ Partial: ${partial}`]),
  ];
}

function renderWindow({ result }: EndedStage): string[] {
  const window = result.commonWindow;
  if (window === undefined || result.agents.length < 2) return [];
  const ops = window.rates.reduce((sum, { opsPerSecond }) => sum + opsPerSecond, 0);
  const bytes = window.rates.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  return [
    `  While all agents were at work (${formatDurationMs(window.windowMs)}): ${formatDecimal(ops, 2)} ops/s, ${formatThroughput(bytes)}`,
  ];
}

/** How much of what GETs returned was compared with what was written, where more than its length was. */
function renderCompared({ result: { stats }, stage }: EndedStage): string[] {
  const { content, length, none } = stats.getChecks;
  if (!runsMix(stage.kind) || content === 0) return [];
  return [
    `  Compared with what was written: the content of ${plural(content, 'GET')}, the length alone of ${formatCount(length)}, nothing of ${formatCount(none)}`,
  ];
}

/** That everything is right, which a verify stage was asked for; what is wrong are errors. */
function renderVerified({ failed, result }: EndedStage): string[] {
  const { kind, partial, stats } = result;
  if (kind !== 'verify' || failed.size > 0 || partial !== undefined) return [];
  return [`  ✓ Everything is as it was written: ${plural(stats.operationCount(), 'object')}`];
}

/** That a cleanup has found nothing of what earlier runs have made, or this one. */
function renderNothingLeft({ failed, result }: EndedStage): string[] {
  const { kind, partial, stats } = result;
  if (kind !== 'cleanup' || failed.size > 0 || partial !== undefined) return [];
  if (stats.operationCount() + stats.errors() > 0) return [];
  return [
    '  There was nothing to delete: these agents know of no object that was made',
    '    -> if there should be some, clean up with the agents that made them: as many, and by the same names',
  ];
}

/** The most frequent kinds of failed operations. */
function renderErrors({ errors }: EndedStage): string[] {
  const shown = errors.slice(0, SHOWN_ERRORS);
  const more = errors.length - shown.length;
  return [
    ...shown.flatMap(({ code, count, hint, message, operation }) => [
      `  ✗ ${formatCount(count)} x ${operation} ${code}, the first: ${message}`,
      ...(hint === undefined ? [] : [`    -> ${hint}`]),
    ]),
    ...(more === 0 ? [] : [`  ✗ ${plural(more, 'other kind')} of errors: see agents/*/errors.tsv`]),
  ];
}

function summaryLine(stats: OperationStats, wallMs: number): string {
  const all = stats.all();
  const seconds = wallMs / 1000;
  const rate = (amount: number): number => (seconds > 0 ? amount / seconds : 0);
  const cancelled = stats.cancelled();
  const retries = stats.retries();
  return [
    formatDurationMs(wallMs),
    `${formatDecimal(rate(all.operations), 2)} ops/s`,
    formatThroughput(rate(all.bytes)),
    plural(stats.errors(), 'error'),
    ...(retries === 0 ? [] : [plural(retries, 'retried attempt')]),
    ...(cancelled === 0 ? [] : [`${formatCount(cancelled)} cancelled at the end`]),
  ].join(', ');
}

/** An agent of which no more is known. */
function countedLine({ counts: { classes, errors }, wallMs }: AgentShare): string {
  const { GET, META, PUT } = classes;
  const operations = GET.operations + PUT.operations + META.operations;
  return [
    formatDurationMs(wallMs),
    plural(operations, 'operation'),
    plural(errors, 'error'),
    'which is all that is known of it alone',
  ].join(', ');
}

function operationLines(stats: OperationStats): string[] {
  return OPERATIONS.flatMap((operation) => {
    const ofOperation = stats.ofOperation(operation);
    const errors = stats.errors(operation);
    if (ofOperation.operations === 0 && errors === 0) return [];
    return [operationLine(operation, ofOperation, errors, stats)];
  });
}

function operationLine(
  operation: Operation,
  stats: LatencyStats,
  errors: number,
  all: OperationStats,
): string {
  const [p50 = 0, p99 = 0, p999 = 0, max = 0] = stats.latency.percentilesNs([50, 99, 99.9, 100]);
  const firstByte = operation === 'GET' ? all.firstByte(operation) : undefined;
  const parts = [
    `${operation}: ${plural(stats.operations, 'op')}`,
    ...(errors === 0 ? [] : [plural(errors, 'error')]),
    ...(stats.operations === 0
      ? []
      : [
          `mean ${formatLatencyNs(Math.round(stats.meanNs))}`,
          `p50 ${formatLatencyNs(p50)}`,
          `p99 ${formatLatencyNs(p99)}`,
          `p99.9 ${formatLatencyNs(p999)}`,
          `max ${formatLatencyNs(max)}`,
        ]),
    ...(firstByte === undefined || firstByte.count === 0
      ? []
      : [`first byte p50 ${formatLatencyNs(firstByte.percentileNs(50))}`]),
  ];
  return parts.join(', ');
}
