import type { RunOutcome, RunOutcomeKind } from '@sai3bench/coordinator';
import { formatCount } from '@sai3bench/units';
import type { LeftObjects } from './left-objects.ts';
import { plural } from './render-plan.ts';

const VERDICTS: Readonly<Record<RunOutcomeKind, string>> = {
  completed: '✓ Run completed',
  'preflight-failed': '✗ Run not started: a check before it failed',
  failed: '✗ Run FAILED',
  degraded: '⚠ Run completed, but not by all agents: the results are INCOMPLETE',
  'cleanup-failed': '✗ The measurement is complete, but cleaning up FAILED',
  interrupted: '✗ Run interrupted: results up to then are kept',
  terminated: '✗ Run terminated: results up to then are kept',
};

/**
 * The last words about a run, before the path of its results.
 *
 * @param left what may still be on the storage where it has ended before its time
 * @param configPath the workload file
 */
export function renderOutcome(
  outcome: RunOutcome,
  left: LeftObjects,
  configPath: string,
): string[] {
  const { errors, failures, kind, operations } = outcome;
  const verdict = VERDICTS[kind];
  if (kind === 'completed') {
    return [`${verdict}: ${plural(operations, 'operation')}, ${plural(errors, 'error')}`];
  }
  if (kind === 'preflight-failed') return [verdict];
  return [
    verdict,
    `  Operations really done: ${formatCount(operations)}${operations === 0 ? ' (none succeeded)' : ''}`,
    failures.some(({ error }) => error.code === 'RESULTS_WRITE_FAILED')
      ? '  The results are INCOMPLETE: not all of them could be written'
      : '  See STATUS.txt in the results directory for the whole story',
    ...(operations === 0 ? [] : renderLeft(left, configPath)),
  ];
}

/** Prepared objects can be gone on from, and what the mix has made only be removed by hand. */
function renderLeft({ madeByMix, prepared }: LeftObjects, configPath: string): string[] {
  return [
    ...(prepared
      ? [
          `  Prepared objects may still be there: another run of ${configPath} goes on from them, sai3bench-ctl cleanup --config ${configPath} deletes them`,
        ]
      : []),
    ...(madeByMix.length > 0
      ? [
          `  What the workload has made may still be there, and a later cleanup does not know it: remove what is named ${madeByMix.map((begin) => `${begin}*`).join(' or ')} by hand`,
        ]
      : []),
  ];
}

/**
 * The last line of a run: where its results are.
 *
 * @param isThere whether nobody has removed them
 */
export function renderPlace(path: string, isThere: boolean): string {
  return isThere ? `Results saved to: ${path}` : `Results LOST: ${path} is not there any more`;
}
