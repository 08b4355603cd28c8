import {
  hasTriedOperations,
  NOT_CONFIRMED,
  type RunFailure,
  type RunOutcome,
  type RunOutcomeKind,
} from '@sai3bench/coordinator';
import { formatCount } from '@sai3bench/units';
import { plural, SHOWN_AGENTS } from './render-plan.ts';

const VERDICTS: Readonly<Record<RunOutcomeKind, string>> = {
  completed: '✓ Run completed',
  'preflight-failed': '✗ Run not started: a check before it failed',
  'led-by-other': '✗ Run left alone: another controller leads it',
  failed: '✗ Run FAILED',
  degraded: '⚠ Run completed, but not by all agents: the results are INCOMPLETE',
  'cleanup-failed': '✗ The measurement is complete, but cleaning up FAILED',
  interrupted: '✗ Run interrupted: results up to then are kept',
  terminated: '✗ Run terminated: results up to then are kept',
};

/** Of runs in which no operation had been tried. */
const UNTRIED_VERDICTS: Readonly<Partial<Record<RunOutcomeKind, string>>> = {
  interrupted: '✗ Run interrupted',
  terminated: '✗ Run terminated',
};

const COMPLETED_WITHOUT = '⚠ Run completed, but not all of its optional stages';

/** Which stages that are optional have failed, and on whom. */
function renderOptional(failures: readonly RunFailure[]): string[] {
  const stages = new Set(failures.map(({ stage }) => stage ?? ''));
  return [...stages].map((stage) => {
    const agents = new Set(failures.flatMap((each) => (each.stage === stage ? each.agentId : [])));
    const where =
      agents.size > SHOWN_AGENTS ? plural(agents.size, 'agent') : [...agents].join(', ');
    return `  Optional stage ${stage} failed on ${where}: what came after it may not have measured what it was to; see STATUS.txt`;
  });
}

/**
 * The last words about a run, before the path of its results.
 *
 * @param leftHints what to do about what is left on the storage where it has ended before its time
 * @param unconfirmedHints the same about agents that have not confirmed the end
 */
export function renderOutcome(
  outcome: RunOutcome,
  leftHints: readonly string[],
  unconfirmedHints: readonly string[] = [],
): string[] {
  const { begun, errors, failures, kind, operations, optionalFailures, unconfirmed } = outcome;
  const without = renderOptional(optionalFailures);
  if (kind === 'completed') {
    const verdict = without.length === 0 ? VERDICTS.completed : COMPLETED_WITHOUT;
    return [
      `${verdict}: ${plural(operations, 'operation')}, ${plural(errors, 'error')}`,
      ...without,
    ];
  }
  const hasTried = hasTriedOperations(begun);
  const verdict = (hasTried ? undefined : UNTRIED_VERDICTS[kind]) ?? VERDICTS[kind];
  if (kind === 'preflight-failed' || kind === 'led-by-other') return [verdict];
  return [
    verdict,
    ...without,
    `  ${doneIn(operations, hasTried)}`,
    failures.some(({ error }) => error.code === 'RESULTS_WRITE_FAILED')
      ? '  The results are INCOMPLETE: not all of them could be written'
      : '  See STATUS.txt in the results directory for the whole story',
    ...(operations === 0 ? [] : leftHints.map((hint) => `  ${hint}`)),
    ...unconfirmed.slice(0, SHOWN_AGENTS).map((id) => `⚠ ${id}: ${NOT_CONFIRMED}`),
    ...unconfirmedHints.map((hint) => `  -> ${hint}`),
  ];
}

function doneIn(operations: number, hasTried: boolean): string {
  if (!hasTried) return 'No operation had been tried';
  const none = operations === 0 ? ' (none succeeded)' : '';
  return `Operations really done: ${formatCount(operations)}${none}`;
}

/**
 * The last line of a run: where its results are.
 *
 * @param isThere whether nobody has removed them
 */
export function renderPlace(path: string, isThere: boolean): string {
  return isThere ? `Results saved to: ${path}` : `Results LOST: ${path} is not there any more`;
}
