import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { describeRunTable } from './testing/describe-run-table.ts';

const PAGE = readFileSync(new URL('../../../docs/run-states.md', import.meta.url), 'utf8');

/** The rows of all tables, without the spaces that make their columns line up. */
const rowsOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[ |:-]+$/.test(line))
    .map((line) => line.replaceAll(/ +/g, ' '));

describe('docs/run-states.md', () => {
  it('says of every input in every state what the table says', () => {
    expect(rowsOf(PAGE)).toEqual(rowsOf(describeRunTable()));
  });
});
