import type { PreflightRow } from '@sai3bench/results-dir';
import type { FindingsOfAgents } from './checked-agent.ts';

/** Findings as rows of `preflight.tsv`: agent by agent, in the order in which they were made. */
export function preflightRows(findings: FindingsOfAgents): PreflightRow[] {
  return [...findings].flatMap(([agentId, own]) => own.map((finding) => ({ agentId, ...finding })));
}
