import type { RunOutcome, RunOutcomeKind } from '@sai3bench/coordinator';
import { formatCount } from '@sai3bench/units';

const VERDICTS: Readonly<Record<RunOutcomeKind, string>> = {
  completed: '✓ Run completed',
  'preflight-failed': '✗ Run not started: a check before it failed',
  failed: '✗ Run FAILED',
  'cleanup-failed': '✗ The measurement is complete, but cleaning up FAILED',
  interrupted: '✗ Run interrupted: results up to then are kept',
  terminated: '✗ Run terminated: results up to then are kept',
};

/** The last words about a run, before the path of its results. */
export function renderOutcome(outcome: RunOutcome, operations: number, errors: number): string[] {
  const verdict = VERDICTS[outcome.kind];
  if (outcome.kind === 'completed') {
    return [`${verdict}: ${formatCount(operations)} operations, ${formatCount(errors)} errors`];
  }
  if (outcome.kind === 'preflight-failed') return [verdict];
  return [
    verdict,
    `  Operations really done: ${formatCount(operations)}${operations === 0 ? ' (none succeeded)' : ''}`,
    '  See STATUS.txt in the results directory for the whole story',
  ];
}
