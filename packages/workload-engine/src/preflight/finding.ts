/** How bad a finding is. Only errors keep a run from starting. */
export const FINDING_LEVELS = ['success', 'info', 'warning', 'error'] as const;
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** What part of the set-up a finding is about. */
export const FINDING_CLASSES = ['AUTH', 'PERM', 'CONFIG', 'NET', 'RESOURCE', 'SYSTEM'] as const;
export type FindingClass = (typeof FINDING_CLASSES)[number];

/** One result of a check before the run. */
export interface Finding {
  readonly level: FindingLevel;
  readonly class: FindingClass;
  /** Which check: `stat`, `list`, `write`, ... */
  readonly check: string;
  /** Address of the store that was checked; empty for the host itself. */
  readonly target: string;
  /** What was found, and why. */
  readonly message: string;
  /** What to do about it; for warnings and errors. */
  readonly hint?: string;
}
