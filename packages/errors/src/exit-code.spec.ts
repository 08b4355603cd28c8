import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { EXIT_CODES } from './exit-code.ts';

const REFERENCE = readFileSync(new URL('../../../docs/exit-codes.md', import.meta.url), 'utf8');

/** Code and name of every row of the table at the top. */
function tableRows(): string[][] {
  return [...REFERENCE.matchAll(/^\| (\d+) +\| `(\w+)` +\|/gm)].map((match) => match.slice(1));
}

describe('docs/exit-codes.md', () => {
  const codes = Object.entries(EXIT_CODES).map(([name, code]) => [String(code), name]);

  it('has every exit code with its name, and no other', () => {
    expect(tableRows()).toEqual(codes);
  });

  it('explains each in a section of its own', () => {
    const sections = [...REFERENCE.matchAll(/^## (\d+): /gm)].map(([, code]) => code);
    expect(sections).toEqual(codes.map(([code]) => code));
  });
});
