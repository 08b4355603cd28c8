import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ILLEGAL_ANSWERS, LEGAL_ANSWERS, parseAnswer } from '../../testing/http-answers.ts';

/** FUZZ_SECONDS makes the search longer, FUZZ_SEED repeats one; the seed is part of the tests' names. */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 3);
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const RUN = {
  seed: SEED,
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: SECONDS * 1000,
  markInterruptAsFailure: false,
};
const TIMEOUT_MS = SECONDS * 1000 + 120_000;

const samples = fc.constantFrom(
  ...[...LEGAL_ANSWERS, ...ILLEGAL_ANSWERS].map(([, text]) => Buffer.from(text, 'latin1')),
);
interface Mutation {
  readonly kind: string;
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A byte or a few are changed, put in, taken out, or repeated. */
const mutation = fc.record({
  kind: fc.constantFrom('set', 'insert', 'remove', 'repeat'),
  at: fc.nat(400),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    fc
      .constantFrom('\r\n', '\n', '\r', ':', ' ', '0', '-1', '\r\n\r\n', 'ffffffff', '\0')
      .map((text) => new Uint8Array(Buffer.from(text))),
  ),
});
const mutated = fc
  .tuple(samples, fc.array(mutation, { maxLength: 6 }))
  .map(([sample, mutations]) => mutations.reduce(mutate, sample));
/** Heads that are put together from fields which matter, in any number and order. */
const assembled = fc
  .tuple(
    fc.constantFrom(
      'HTTP/1.1 200 OK',
      'HTTP/1.0 200',
      'HTTP/1.1 204 X',
      'HTTP/1.1 100 C',
      'HTTP/2 200',
    ),
    fc.array(
      fc.constantFrom(
        ...['Content-Length: 3', 'content-length: 0', 'Content-Length: 3, 3', 'Content-Length:'],
        ...[
          'Transfer-Encoding: chunked',
          'Transfer-Encoding: gzip',
          'TE: x',
          ': no name',
          'no colon',
        ],
        ...['Connection: close', 'Connection: keep-alive', ' folded', 'C', 't', 'X: \u00ff'],
      ),
      { maxLength: 6 },
    ),
    fc.constantFrom('\r\n', '\n'),
    fc.constantFrom(
      '',
      'abc',
      '3\r\nabc\r\n0\r\n\r\n',
      '0\r\n\r\n',
      '3;x\nabc\n0\nT: v\n\n',
      'zz\r\n',
    ),
  )
  .map(([status, fields, end, body]) =>
    Buffer.from([status, ...fields, '', body].join(end), 'latin1'),
  );
const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const anything = fc.oneof(
  { weight: 5, arbitrary: mutated },
  { weight: 4, arbitrary: assembled },
  { weight: 1, arbitrary: noise },
);
const places = fc.array(fc.nat(400), { maxLength: 6 });

function mutate(bytes: Buffer, { at, bytes: change, kind }: Mutation): Buffer {
  const place = at % (bytes.length + 1);
  const behind = Math.min(bytes.length, place + change.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(behind)];
  switch (kind) {
    case 'set':
      return Buffer.concat([before, change, after]);
    case 'insert':
      return Buffer.concat([before, change, bytes.subarray(place)]);
    case 'remove':
      return Buffer.concat([before, after]);
    default:
      return Buffer.concat([bytes.subarray(0, behind), bytes.subarray(place)]);
  }
}

function cutsOf(input: Buffer, positions: readonly number[]): number[] {
  return positions.map((place) => place % (input.length + 1)).toSorted((a, b) => a - b);
}

describe(`ResponseParser, fuzzed for ${String(SECONDS)} s each with FUZZ_SEED=${String(SEED)}`, () => {
  it(
    'makes the same of whatever it is fed, however that is split',
    () => {
      fc.assert(
        fc.property(anything, places, fc.boolean(), (input, positions, headOnly) => {
          const whole = parseAnswer(input, [], headOnly);
          const split = parseAnswer(input, cutsOf(input, positions), headOnly);
          expect(split.faulty).toBe(whole.faulty);
          if (!whole.faulty) expect(split).toEqual(whole);
        }),
        RUN,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'remembers nothing of the answer before, whatever that was',
    () => {
      fc.assert(
        fc.property(anything, anything, places, (before, input, positions) => {
          const cuts = cutsOf(input, positions);
          expect(parseAnswer(input, cuts, false, before)).toEqual(parseAnswer(input, cuts));
        }),
        RUN,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'never reports more body than there is, and none beyond a length',
    () => {
      fc.assert(
        fc.property(anything, places, (input, positions) => {
          const { body, done, faulty, left } = parseAnswer(input, cutsOf(input, positions));
          expect(body.length + left).toBeLessThanOrEqual(input.length);
          expect(done && faulty).toBe(false);
        }),
        RUN,
      );
    },
    TIMEOUT_MS,
  );
});
