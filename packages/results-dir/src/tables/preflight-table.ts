import type { KeptText, KeptTexts } from '../kept-texts.ts';
import type { Column } from './tsv.ts';

/** One finding of one agent's checks before the run. */
export interface PreflightRow {
  readonly agentId: string;
  readonly level: string;
  readonly class: string;
  readonly check: string;
  readonly target: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Columns of `preflight.tsv`. */
export const PREFLIGHT_COLUMNS: readonly Column<PreflightRow>[] = [
  { name: 'agent_id', meaning: 'the agent that found it', value: ({ agentId }) => agentId },
  {
    name: 'level',
    meaning: 'info, warning or error; only errors keep a run from starting',
    value: ({ level }) => level,
  },
  {
    name: 'class',
    meaning: 'AUTH, PERM, CONFIG, NET, RESOURCE or SYSTEM',
    value: (row) => row.class,
  },
  { name: 'check', meaning: 'which check, as in preflight.md', value: ({ check }) => check },
  {
    name: 'target',
    meaning: 'address of the store or directory that was looked at; empty for the host itself',
    value: ({ target }) => target,
  },
  { name: 'message', meaning: 'what was found, and why', value: ({ message }) => message },
  { name: 'hint', meaning: 'what to do about it', value: ({ hint }) => hint ?? '' },
];

/** The text of `preflight.tsv`. */
export function preflightText(rows: readonly PreflightRow[], texts: KeptTexts): KeptText {
  return texts.table(PREFLIGHT_COLUMNS, rows);
}
