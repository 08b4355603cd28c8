import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ILLEGAL_ANSWERS,
  LEGAL_ANSWERS,
  parseAnswer as parse,
} from '../../testing/http-answers.ts';

describe('ResponseParser', () => {
  it.each(LEGAL_ANSWERS)('reads %s', (_, text, expected) => {
    expect(parse(text)).toMatchObject({ done: true, faulty: false, ...expected });
  });

  it.each(LEGAL_ANSWERS)('reads %s byte by byte', (_, text) => {
    const everywhere = Array.from({ length: text.length }, (_, i) => i + 1);
    const { left, ...whole } = parse(text);
    expect(parse(text, everywhere)).toMatchObject({ ...whole, left });
  });

  it('reads an answer split anywhere as if it were whole', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LEGAL_ANSWERS, ...ILLEGAL_ANSWERS),
        fc.array(fc.nat(160), { maxLength: 8 }),
        ([, text], places) => {
          const cuts = places.map((place) => place % text.length).toSorted((a, b) => a - b);
          const { faulty, ...whole } = parse(text);
          const split = parse(text, cuts);
          expect(split.faulty).toBe(faulty);
          if (!faulty) expect(split).toMatchObject(whole);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each(ILLEGAL_ANSWERS)('refuses %s', (_, text) => {
    expect(parse(text).faulty).toBe(true);
    const everywhere = Array.from({ length: text.length }, (_, i) => i + 1);
    expect(parse(text, everywhere).faulty).toBe(true);
  });

  it('reads any body in any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' })),
        fc.array(fc.nat(400)),
        (pieces, places) => {
          const chunks = pieces
            .map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`)
            .join('');
          const text = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
          const cuts = places.map((place) => place % text.length).toSorted((a, b) => a - b);
          expect(parse(text, cuts)).toMatchObject({
            done: true,
            faulty: false,
            body: pieces.join(''),
            left: 0,
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('knows that the answer to a HEAD has no body', () => {
    const outcome = parse('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n', [], true);
    expect(outcome).toMatchObject({ done: true, keepAlive: true, body: '' });
  });

  it.each(['whole', 'split'])('takes a head of 64 KiB, and none that is larger (%s)', (how) => {
    const headOf = (length: number): string => {
      const before = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Fill: ';
      return `${before}${'x'.repeat(length - before.length - 4)}\r\n\r\n`;
    };
    const cuts = how === 'whole' ? [] : Array.from({ length: 100 }, (_, i) => i * 1000);
    expect(parse(headOf(65_536), cuts)).toMatchObject({ done: true, faulty: false });
    expect(parse(headOf(65_537), cuts).faulty).toBe(true);
    expect(parse(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`, cuts).faulty).toBe(true);
  });

  it('is incomplete, not done, when the connection ends too early', () => {
    for (const text of [
      '',
      'HTTP/1.1 200 O',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    ]) {
      expect(parse(text)).toMatchObject({ done: false, faulty: false });
    }
  });
});
