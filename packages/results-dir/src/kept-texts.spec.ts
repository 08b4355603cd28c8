import { describe, expect, it } from '@jest/globals';
import { Secret } from '@sai3bench/secret';
import fc from 'fast-check';
import { KeptTexts, keptTogether } from './kept-texts.ts';
import type { Column } from './tables/tsv.ts';

const KNOWN = 'correct-horse-battery';
const SAID = `it failed:\u001b[2J password=hunter2zzz\n  -> no access for ${KNOWN}`;

type Row = Readonly<Record<'a' | 'b' | 'n', string>>;
const columns: Column<Row>[] = (['a', 'n', 'b'] as const).map((name) => ({
  ...{ name, meaning: 'a text', value: (row) => row[name] },
}));

describe('what goes into the files of a run', () => {
  const texts = new KeptTexts([new Secret(KNOWN)]);

  it.each([
    ['as it is', texts.text(SAID)],
    ['for a terminal', texts.shown(SAID)],
    ['as a line', texts.line(SAID)],
    ['as JSON', texts.json({ partial: SAID, warnings: [{ SAID }] }, { isIndented: true })],
    ['in a table', texts.table(columns, [{ a: SAID, n: '1', b: SAID }])],
  ])('holds no secret when it is written %s', (_, text) => {
    expect(text).toContain('***');
    for (const secret of ['hunter2', 'battery']) expect(text).not.toContain(secret);
  });

  it('holds nothing that a terminal obeys, where terminals show it', () => {
    for (const text of [texts.shown(SAID), texts.line(SAID), texts.json({ SAID })]) {
      expect(text).not.toContain('\u001b');
    }
  });

  it('has the cells of a table where they were, whatever is hidden in them', () => {
    const cell = fc.constantFrom('password=x y', KNOWN, 'token: {', 'secret="a', 'plain');
    fc.assert(
      fc.property(cell, cell, (a, b) => {
        const cells = texts.rows(columns, [{ a, n: '12', b }]).split('\t');
        expect(cells).toHaveLength(3);
        expect(cells[1]).toBe('12');
      }),
    );
  });

  it('has its numbers as they are, though a secret looks like one', () => {
    const digits = new KeptTexts([new Secret('12345678')]);
    const [, number, text] = digits
      .rows(columns, [{ a: '', n: '912345678', b: 'pin 12345678' }])
      .split('\t');
    expect([number, text]).toEqual(['912345678', 'pin ***\n']);
  });

  it('is without secrets from when they are known', () => {
    const later = new KeptTexts();
    expect(later.line(KNOWN)).toContain(KNOWN);
    later.conceal([new Secret(KNOWN)]);
    expect(later.line(KNOWN)).toBe('***\n');
  });

  it('is as it was where it says nothing', () => {
    const untold = new Set(['bytes']);
    expect(texts.json({ bytes: KNOWN, text: KNOWN }, { untold })).toBe(
      `{"bytes":"${KNOWN}","text":"***"}\n`,
    );
    expect(keptTogether([texts.line('one'), texts.line('two')])).toBe('one\ntwo\n');
  });
});
