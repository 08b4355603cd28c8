import type { Roster, RosterEntry } from '@sai3bench/coordinator';
import { describeStoreUri, parseStoreUri } from '@sai3bench/store-uri';
import { formatBytes, formatCount, formatDurationMs } from '@sai3bench/units';
import {
  type AgentPlan,
  describeCommand,
  type Stage,
  runsMix,
  storeNeeds,
  type Workload,
  type WorkloadOperation,
} from '@sai3bench/workload-config';

/** What the first lines of a run say. */
export interface HeaderFacts {
  readonly configPath: string;
  readonly roster: Roster;
  readonly startDelayMs: number;
  readonly shared: boolean;
}

export function renderHeader(facts: HeaderFacts): string[] {
  const { configPath, roster, shared, startDelayMs } = facts;
  return [
    '=== Distributed Workload ===',
    `Config: ${configPath}`,
    `Agents: ${String(roster.agents.length)} (from ${roster.source})`,
    `Start delay: ${formatDurationMs(startDelayMs)}`,
    shared
      ? 'Storage mode: shared (all agents see the same objects)'
      : 'Storage mode: separate (each agent has a folder of its own)',
  ];
}

/** Where a run works, each address once. */
export function addressesOf(plans: readonly AgentPlan[]): string[] {
  return [...new Set(plans.flatMap(({ stores }) => stores.flatMap(({ endpoints }) => endpoints)))];
}

/** How the workload file was understood. */
export function renderConfigCheck(workload: Workload, plans: readonly AgentPlan[]): string[] {
  const stages = workload.stages.map(describeStage);
  return [
    '=== Configuration Check ===',
    '✓ The workload file is valid',
    ...addressesOf(plans).map((address) => `  ${address} = ${describeAddress(address)}`),
    `  Stages: ${stages.join(' -> ')}${workload.stagesDerived ? ' (derived: the file has none)' : ''}`,
    ...renderMix(workload),
    ...renderPrepare(plans),
    ...workload.notes.map((note) => `  ⚠ ${note}`),
  ];
}

/** `both (hybrid, 1m 00s, 500 operations)`, `drop (custom, sh -c sync)` */
function describeStage({ command, durationMs, expectedTasks, kind, name }: Stage): string {
  const parts = [
    kind,
    ...(durationMs === undefined ? [] : [formatDurationMs(durationMs)]),
    ...(kind === 'hybrid' && expectedTasks !== undefined
      ? [plural(expectedTasks, 'operation')]
      : []),
    ...(command === undefined ? [] : [describeCommand(command)]),
  ];
  return `${name} (${parts.join(', ')})`;
}

/** What execute and hybrid stages do; a run that only cleans up or verifies has none. */
function renderMix(workload: Workload): string[] {
  if (!workload.stages.some(({ kind }) => runsMix(kind))) return [];
  const total = workload.operations.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return [];
  const parts = workload.operations.map((operation) => {
    const { path, weight } = operation;
    const share = ((weight / total) * 100).toFixed(1);
    return `${renderOperation(operation)} ${path === '' ? '(target)' : path} ${share}%`;
  });
  return [`  Operations: ${parts.join(', ')}`];
}

function renderOperation(operation: WorkloadOperation): string {
  const { op } = operation;
  if (op !== 'get' || operation.range === undefined) return op;
  const { offset, sizeBytes } = operation.range;
  return `get ${offset === 'start' ? 'the first ' : ''}${formatBytes(sizeBytes)} of`;
}

function renderPrepare(plans: readonly AgentPlan[]): string[] {
  const [first] = plans;
  const kinds = new Set(first?.stages.map(({ kind }) => kind));
  const cleansUpOnly = kinds.has('cleanup') && ![...kinds].some(runsMix);
  if (!kinds.has('prepare') && !cleansUpOnly) return [];
  const objects = plans.reduce(
    (sum, { pools }) => sum + pools.reduce((own, pool) => own + pool.own.end - pool.own.begin, 0),
    0,
  );
  if (!kinds.has('prepare')) {
    return [`  Cleanup: what earlier runs have made of ${plural(objects, 'prepared object')}`];
  }
  const bytes = plans.flatMap(storeNeeds).reduce((sum, { prepareBytes }) => sum + prepareBytes, 0);
  return [`  Prepare: ${formatCount(objects)} objects, about ${formatBytes(Math.round(bytes))}`];
}

function describeAddress(address: string): string {
  return describeStoreUri(parseStoreUri(address));
}

/** Agents whose concurrency the workload file sets apart. */
export function overriddenOf(agents: readonly RosterEntry[]): Set<string> {
  return new Set(
    agents.filter(({ entry }) => entry?.concurrencyOverride !== undefined).map(({ id }) => id),
  );
}

/** Of more agents than this, those of which there is nothing special to tell have one line together. */
export const SHOWN_AGENTS = 20;

/** Threads of each agent, and how many of them each endpoint gets. */
export function renderConcurrency(
  plans: readonly AgentPlan[],
  overridden: ReadonlySet<string>,
): string[] {
  const total = plans.reduce((sum, { concurrency }) => sum + concurrency, 0);
  return [
    '=== Concurrency ===',
    ...renderAgents(
      plans.map(({ agentId, concurrency, stores }) => {
        const source = overridden.has(agentId) ? 'concurrency_override' : 'concurrency';
        const endpoints = stores[0]?.endpoints.length ?? 1;
        const share = (concurrency / endpoints).toFixed(1);
        const text = `${String(concurrency)} threads (${source}), ${plural(endpoints, 'endpoint')} -> ${share} threads/endpoint`;
        return { name: agentId, text };
      }),
    ).map((line) => `  ${line}`),
    `  TOTAL: ${plural(total, 'thread')} across ${plural(plans.length, 'agent')}`,
  ];
}

/** A line for each agent; of many, one for all of which the same is to be told, under the name of the first of them. */
export function renderAgents(
  agents: readonly { readonly name: string; readonly text: string }[],
): string[] {
  if (agents.length <= SHOWN_AGENTS) return agents.map(({ name, text }) => `${name}: ${text}`);
  const byText = Map.groupBy(agents, ({ text }) => text);
  return [...byText].map(([text, [first, ...others]]) => {
    const name = first?.name ?? '';
    return others.length === 0
      ? `${name}: ${text}`
      : `${name} and ${plural(others.length, 'other agent')}: ${text}`;
  });
}

/** A count with its noun: `1 agent`, `2 agents`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
