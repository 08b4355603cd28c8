/** How bad a finding is. Only errors keep a run from starting. */
export const FINDING_LEVELS = ['success', 'info', 'warning', 'error'] as const;
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** What part of the set-up a finding is about. */
export const FINDING_CLASSES = ['AUTH', 'PERM', 'CONFIG', 'NET', 'RESOURCE', 'SYSTEM'] as const;
export type FindingClass = (typeof FINDING_CLASSES)[number];

/** The checks of an agent's plan, as findings name them; docs/preflight.md tells what each looks at. */
export const CHECKS = [
  ...(['limits', 'ports', 'memory', 'concurrency'] as const),
  ...(['login', 'address', 'dns', 'tcp', 'tls', 'clock', 'bucket', 'region'] as const),
  ...(['versioning', 'list', 'write', 'read', 'delete', 'time'] as const),
  ...(['identity', 'safety', 'stat', 'ownership', 'mount', 'mkdir', 'o-direct'] as const),
  ...(['disk-space', 'inodes', 'sharing', 'remove'] as const),
] as const;
export type CheckName = (typeof CHECKS)[number];

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
