import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { placeIn } from './place-in.ts';

describe('placeIn()', () => {
  it.each(['agent-1', '01_execute_results.tsv', 'a..b', '_x', 'node.example.com'])(
    'finds a place for %s',
    (name) => {
      expect(placeIn('/results', name)).toBe(`/results/${name}`);
    },
  );

  it.each([
    '',
    '.',
    '..',
    '../evil',
    '/etc/passwd',
    'a/b',
    'a\\b',
    '.hidden',
    '-rf',
    'a\0b',
    'a\nb',
    'a\n',
    'ä',
    'x'.repeat(201),
  ])('refuses %j', (name) => {
    expect(() => placeIn('/results', name)).toThrow(
      expect.objectContaining({ code: 'RESULTS_NAME' }),
    );
  });

  it('never leaves the directory, whatever the name', () => {
    const name = fc.string({ unit: fc.constantFrom('.', '/', 'a', '-', '\0', '\\', '%2e') });
    fc.assert(
      fc.property(name, (text) => {
        try {
          return dirname(placeIn('/a/b', text)) === '/a/b';
        } catch (error) {
          return (error as { code?: unknown }).code === 'RESULTS_NAME';
        }
      }),
    );
  });
});
