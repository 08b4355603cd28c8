import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CHECKS, FINDING_CLASSES, FINDING_LEVELS } from './finding.ts';

const REFERENCE = readFileSync(new URL('../../../../docs/preflight.md', import.meta.url), 'utf8');

/** Checks of the agent and the controller themselves. */
const BEYOND_THE_PLAN = ['agent', 'allowed', 'checks', 'program'];

/** The rows of the tables whose first column has a heading, without backticks. */
function rowsUnder(heading: string): string[][] {
  const lines = REFERENCE.split('\n');
  return lines.flatMap((line, at) => {
    if (!line.startsWith(`| ${heading}`)) return [];
    const rest = lines.slice(at + 2);
    const end = rest.findIndex((each) => !each.startsWith('|'));
    return rest.slice(0, end < 0 ? rest.length : end).map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  });
}

describe('docs/preflight.md', () => {
  it('tells of every check, and of no other', () => {
    const told = new Set(rowsUnder('check').map(([name]) => name));
    expect([...told].toSorted()).toEqual([...CHECKS, ...BEYOND_THE_PLAN].toSorted());
  });

  it('has levels that there are, and says for every level of trouble what to do', () => {
    for (const [, levels = '', when = '', remedy = ''] of rowsUnder('check')) {
      const named = levels.split(', ');
      expect(FINDING_LEVELS).toEqual(expect.arrayContaining(named));
      expect(when).not.toBe('');
      const isTrouble = named.includes('error') || named.includes('warning');
      expect(remedy !== '').toBe(isTrouble);
    }
  });

  it('tells of every class', () => {
    expect(rowsUnder('class').map(([name]) => name)).toEqual([...FINDING_CLASSES]);
  });
});
