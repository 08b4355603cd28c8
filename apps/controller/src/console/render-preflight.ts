import type { PlainFinding } from '@sai3bench/barrier-protocol';
import { plural } from './render-plan.ts';

const RULE = '━'.repeat(22);
const SYMBOLS: Readonly<Record<PlainFinding['level'], string>> = {
  success: '✓',
  info: 'ℹ',
  warning: '⚠',
  error: '✗',
};

/** What the checks of every agent found. */
export function renderPreflight(findings: ReadonlyMap<string, readonly PlainFinding[]>): string[] {
  const all = [...findings.values()].flat();
  const count = (level: PlainFinding['level']): number =>
    all.filter((finding) => finding.level === level).length;
  const errors = count('error');
  const warnings = count('warning');
  const verdict =
    errors === 0
      ? `✓ Pre-flight validation passed (${plural(findings.size, 'agent')}${warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`})`
      : `✗ Pre-flight validation failed: ${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
  return [
    RULE,
    ...[...findings].flatMap(([agentId, own]) => renderAgent(agentId, own)),
    RULE,
    verdict,
  ];
}

function renderAgent(agentId: string, findings: readonly PlainFinding[]): string[] {
  const failed = findings.some(({ level }) => level === 'error');
  return [
    `${failed ? '✗' : '✓'} Agent: ${agentId}`,
    ...findings.flatMap((finding) => {
      const target = finding.target === '' ? '' : `${finding.target} `;
      return [
        `  ${SYMBOLS[finding.level]} [${finding.class}] ${target}${finding.check}: ${finding.message}`,
        ...(finding.hint === undefined ? [] : [`      -> ${finding.hint}`]),
      ];
    }),
  ];
}
