import type { PlainFinding } from '@sai3bench/barrier-protocol';
import { printableLine } from '@sai3bench/terminal';
import { formatCount } from '@sai3bench/units';
import { type AgentAddresses, type FindingGroup, groupFindings } from './finding-groups.ts';
import { plural } from './render-plan.ts';

const RULE = '━'.repeat(22);
const SYMBOLS: Readonly<Record<PlainFinding['level'], string>> = {
  success: '✓',
  info: 'ℹ',
  warning: '⚠',
  error: '✗',
};
/** So many are named; of more, the first are, and the number of the others. */
const NAMED_AGENTS = 4;
const NAMED_TARGETS = 2;
const NAMED_ERRORS = 3;

/**
 * What the checks of every agent found, each thing once.
 *
 * @param findings by the ids of the agents
 */
export function renderPreflight(
  findings: ReadonlyMap<string, readonly PlainFinding[]>,
  addresses: AgentAddresses,
): string[] {
  const sections = groupFindings(findings, addresses);
  return [
    RULE,
    summaryOf(findings),
    ...sections.flatMap(({ agents, groups }) => [
      `${agentsOf(agents, findings.size)}:`,
      ...groups.flatMap(renderGroup),
    ]),
    RULE,
    verdictOf(
      findings.size,
      sections.flatMap(({ groups }) => groups),
    ),
  ];
}

/** In one line: how many are well, and who is not. */
function summaryOf(findings: ReadonlyMap<string, readonly PlainFinding[]>): string {
  const failed = [...findings].flatMap(([agentId, own]) => {
    const errors = own.filter(({ level }) => level === 'error');
    const kinds = new Set(errors.map(({ check, class: kind }) => `[${kind}] ${check}`));
    return kinds.size === 0 ? [] : [`${agentId}: ${listOf([...kinds], NAMED_ERRORS)}`];
  });
  const well = findings.size - failed.length;
  if (failed.length === 0) return `✓ ${plural(well, 'agent')} ok`;
  const named = failed.slice(0, NAMED_AGENTS);
  const more = failed.length - named.length;
  const others = more > 0 ? [`${formatCount(more)} more`] : [];
  return `✗ ${[`${plural(well, 'agent')} ok`, ...named, ...others].join('; ')}`;
}

function verdictOf(agents: number, groups: readonly FindingGroup[]): string {
  const count = (level: PlainFinding['level']): number =>
    groups.filter(({ finding }) => finding.level === level).length;
  const errors = count('error');
  const warnings = count('warning');
  return errors === 0
    ? `✓ Pre-flight validation passed (${plural(agents, 'agent')}${warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`})`
    : `✗ Pre-flight validation failed: ${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
}

function agentsOf(agents: readonly string[], all: number): string {
  if (agents.length === all && all > 1) return `All ${plural(all, 'agent')}`;
  return listOf(agents, NAMED_AGENTS);
}

function renderGroup({ finding, targets }: FindingGroup): string[] {
  const where = listOf(
    targets.filter((target) => target !== ''),
    NAMED_TARGETS,
  );
  const { check, class: kind, hint, level, message } = finding;
  return [
    `  ${SYMBOLS[level]} [${kind}] ${where === '' ? '' : `${where} `}${check}: ${message}`,
    ...(hint === undefined ? [] : [`      -> ${hint}`]),
  ].map(printableLine);
}

function listOf(names: readonly string[], most: number): string {
  const more = names.length - most;
  const named = names.slice(0, most).join(', ');
  return more > 0 ? `${named} and ${formatCount(more)} more` : named;
}
