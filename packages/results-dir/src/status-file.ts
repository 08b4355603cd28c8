import { formatRfc3339 } from './metadata.ts';

/** How a run went: the contents of STATUS.txt. */
export interface RunStatus {
  readonly outcome: 'SUCCESS' | 'FAILURE' | 'INTERRUPTED';
  /** When it ended. */
  readonly at: Date;
  readonly agents: readonly AgentStatus[];
  /** How often links to agents were made anew that had broken. */
  readonly reconnects: number;
  /** Whether a stage had begun in which agents were to carry out operations. */
  readonly hasTried: boolean;
  /** Successful operations of all stages. */
  readonly totalOperations: number;
  readonly totalErrors: number;
  /** Failed operations by stage and kind. */
  readonly errors: readonly StageErrors[];
  /** What went wrong in stages that are optional, and after which the run went on. */
  readonly optionalFailures: readonly { readonly stage: string; readonly reason: string }[];
  /** Why the run, or an optional stage, did not succeed, with what to do about it. */
  readonly failure: { readonly reasons: readonly string[]; readonly hints: readonly string[] };
}

/** Failed operations of a stage by kind, the most frequent first. */
export interface StageErrors {
  readonly stage: string;
  readonly groups: readonly {
    readonly operation: string;
    readonly code: string;
    readonly count: number;
    /** The first failure in words. */
    readonly message: string;
  }[];
}

/** How one agent ended. */
export interface AgentStatus {
  readonly agentId: string;
  readonly state:
    'Completed' | 'Failed' | 'Disconnected' | 'Stopped' | 'Not reached' | 'Not started';
  readonly reason: string;
}

/** The text of STATUS.txt. */
export function statusText(status: RunStatus): string {
  const count = (state: AgentStatus['state']): number =>
    status.agents.filter((agent) => agent.state === state).length;
  const lines = [
    `TEST STATUS: ${status.outcome}`,
    `Timestamp: ${formatLocal(status.at)}`,
    '',
    '=== Summary ===',
    `Total agents: ${String(status.agents.length)}`,
    `Completed: ${String(count('Completed'))}`,
    `Failed: ${String(count('Failed'))}`,
    `Disconnected: ${String(count('Disconnected'))}`,
    `Disconnect/Reconnect Count: ${String(status.reconnects)}`,
    `Stopped: ${String(count('Stopped'))}`,
    `Not reached: ${String(count('Not reached'))}`,
    `Not started: ${String(count('Not started'))}`,
    `Total operations: ${String(status.totalOperations)}`,
    `Total errors: ${String(status.totalErrors)}`,
    `Failed optional stages: ${String(new Set(status.optionalFailures.map(({ stage }) => stage)).size)}`,
    '',
    '=== Agent Details ===',
    ...status.agents.map(({ agentId, reason, state }) => `${agentId}: ${state} (${reason})`),
  ];
  if (status.totalErrors > 0) lines.push('', '=== Failed Operations ===', ...errorLines(status));
  const { failure, optionalFailures, outcome } = status;
  if (optionalFailures.length > 0) {
    lines.push(
      '',
      '=== Failed Optional Stages ===',
      ...optionalFailures.map(({ reason }) => reason),
    );
  }
  if (outcome !== 'SUCCESS') {
    lines.push('', '=== Failure Analysis ===', ...failure.reasons);
    if (!status.hasTried) lines.push('No operation had been tried.');
    else if (status.totalOperations === 0) lines.push('No operation succeeded.');
  }
  if ((outcome !== 'SUCCESS' || optionalFailures.length > 0) && failure.hints.length > 0) {
    lines.push('', '=== What to do ===');
    lines.push(...failure.hints.map((hint, index) => `${String(index + 1)}. ${hint}`));
  }
  return `${lines.join('\n')}\n`;
}

/** `execute: 26 x PUT FILE_ENOSPC: PUT /data/a failed: no space left` */
function errorLines({ errors }: RunStatus): string[] {
  return errors.flatMap(({ groups, stage }) =>
    groups.map(
      ({ code, count, message, operation }) =>
        `${stage}: ${String(count)} x ${operation} ${code}: ${message}`,
    ),
  );
}

/** `2026-02-18 16:23:09+01:00`: RFC 3339, with a blank as people write it. */
function formatLocal(time: Date): string {
  return formatRfc3339(time).replace('T', ' ').replace(/\.\d+/, '');
}
