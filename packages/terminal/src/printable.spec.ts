import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { printable, printableJson, printableLine } from './printable.ts';

/** What terminals obey. */
const commands = fc.oneof(
  fc.integer({ min: 0, max: 0x1f }),
  fc.integer({ min: 0x7f, max: 0x9f }),
  fc.integer({ min: 0x202a, max: 0x202e }),
  fc.integer({ min: 0x2066, max: 0x2069 }),
);
const character = fc.oneof(
  commands.map((code) => String.fromCodePoint(code)),
  fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
);
const text = fc.array(character).map((characters) => characters.join(''));

/** Whether a terminal would do something else with a text than show it, told character by character. */
function isObeyed(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  );
}
const obeyedIn = (shown: string): string[] =>
  Array.from(shown).filter((each) => isObeyed(each.codePointAt(0) ?? 0));

describe('printable()', () => {
  it.each([
    ['\u001b[2J\u001b]0;title\u0007', String.raw`\x1b[2J\x1b]0;title\x07`],
    ['100%\rdone', String.raw`100%\x0ddone`],
    ['\u009b31m', String.raw`\x9b31m`],
    ['user\u202egpj.exe', String.raw`user\u202egpj.exe`],
    ['\u2066a\u2069', String.raw`\u2066a\u2069`],
    ['nul\0', String.raw`nul\x00`],
    ['one\r\ntwo\n\tthree', 'one\ntwo\n\tthree'],
    ['µs ✓ 日本 🎈 "\\x1b"', 'µs ✓ 日本 🎈 "\\x1b"'],
  ])('of %j is %j', (given, shown) => {
    expect(printable(given)).toBe(shown);
  });

  it('leaves nothing of any text that a terminal obeys but line ends and tabs', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(obeyedIn(printable(given).replaceAll(/[\n\t]/g, ''))).toEqual([]);
      }),
    );
  });

  it('of what is printable already is the same', () => {
    fc.assert(fc.property(text, (given) => printable(printable(given)) === printable(given)));
  });
});

describe('printableLine()', () => {
  it('has blanks for line ends and tabs', () => {
    expect(printableLine('one\r\n  -> two\tthree')).toBe('one -> two three');
  });

  it('is one line without anything that a terminal obeys, whatever the text', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(obeyedIn(printableLine(given))).toEqual([]);
      }),
    );
  });
});

describe('printableJson()', () => {
  it('escapes what a terminal obeys, and nothing else', () => {
    expect(
      printableJson(JSON.stringify('µs\u001b[2J \u009b2J \u007f \u202e \u2066 \\\u009b 日本')),
    ).toBe(String.raw`"µs\u001b[2J \u009b2J \u007f \u202e \u2066 \\\u009b 日本"`);
  });

  it('means the same and leaves nothing that a terminal obeys but line ends, whatever the value', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.array(text)), (value) => {
        const json = printableJson(JSON.stringify(value, null, 2));
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(obeyedIn(json.replaceAll('\n', ''))).toEqual([]);
      }),
    );
  });
});
