import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Column, headerOf, parseTsv, rowOf } from './tsv.ts';

const columns: Column<{ a: string; b: number }>[] = [
  { name: 'a', meaning: 'text', value: ({ a }) => a },
  { name: 'b', meaning: 'number', value: ({ b }) => String(b) },
];

/** A table in which each value is told as it is. */
const tableOf = (rows: readonly { a: string; b: number }[]): string =>
  headerOf(columns) + rows.map((row) => rowOf(columns, row, String)).join('');

describe('a table', () => {
  it('is read back by parseTsv()', () => {
    const cell = fc.string().map((text) => `x${text.replaceAll(/[\t\r\n]/g, '')}`);
    fc.assert(
      fc.property(fc.array(fc.record({ a: cell, b: fc.integer() })), (rows) => {
        expect(parseTsv(tableOf(rows))).toEqual(rows.map(({ a, b }) => ({ a, b: String(b) })));
      }),
    );
  });

  it('keeps a row on its line, whatever its values contain', () => {
    expect(tableOf([{ a: 'one\ttwo\nthree', b: 1 }])).toBe('a\tb\none two three\t1\n');
  });

  it('holds nothing that a terminal would obey', () => {
    expect(tableOf([{ a: '\u001b[2Jx\u202e', b: 1 }])).toBe('a\tb\n\\x1b[2Jx\\u202e\t1\n');
  });
});

describe('parseTsv()', () => {
  it('skips comments and empty lines', () => {
    expect(parseTsv('# c\n\na\tb\n1\t2\n')).toEqual([{ a: '1', b: '2' }]);
  });
});
