import type { ErrorClass } from '@sai3bench/errors';
import { formatCount } from '@sai3bench/units';
import type { ErrorGroup } from './error-journal.ts';

/** Objects of each kind that are named. */
const NAMED = 3;

/** What can be wrong with an object, and how it is told; what could not be read may be right or wrong. */
const FINDINGS = ['missing', 'of another length', 'with other content', 'not readable'] as const;

type Finding = (typeof FINDINGS)[number];

function findingOf({ class: errorClass, code }: Pick<ErrorGroup, 'class' | 'code'>): Finding {
  const expected: Partial<Record<ErrorClass, Finding>> = {
    'not-found': 'missing',
    integrity: code === 'INTEGRITY_LENGTH' ? 'of another length' : 'with other content',
  };
  return expected[errorClass] ?? 'not readable';
}

/** Whether a failure says something of an object, and not of the way to it. */
export function isFinding(group: Pick<ErrorGroup, 'class' | 'code'>): boolean {
  return findingOf(group) !== 'not readable';
}

/** What is wrong with the objects of a verify stage, each kind apart with the first few by name. */
export function describeFindings(groups: readonly ErrorGroup[]): string {
  return FINDINGS.flatMap((finding) => {
    const those = groups.filter((group) => findingOf(group) === finding);
    const count = those.reduce((sum, group) => sum + group.count, 0);
    if (count === 0) return [];
    const keys = those.flatMap((group) => group.keys).slice(0, NAMED);
    const more = count > keys.length ? ', ...' : '';
    return [`${formatCount(count)} ${finding} (${keys.join(', ')}${more})`];
  }).join(', ');
}
