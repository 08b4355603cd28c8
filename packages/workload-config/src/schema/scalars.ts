import { BenchError } from '@sai3bench/errors';
import { isAbsoluteUri, parseStoreUri } from '@sai3bench/store-uri';
import { parseByteSize, parseCount, parseDurationMs, parseFraction } from '@sai3bench/units';
import { z } from 'zod';

/** A schema that accepts text or a number and reads it with a parser that throws a BenchError. */
function parsedBy<Output>(
  parse: (value: string | number) => Output,
  expected: string,
): z.ZodType<Output, string | number> {
  return z
    .union([z.string(), z.number()], { error: `must be ${expected}` })
    .transform((value, context): Output => {
      try {
        return parse(value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: inWords(error) });
        return z.NEVER;
      }
    });
}

/** What is wrong with a value, in the words of whoever refuses it; undefined when nothing is. */
export function problemOf(use: () => unknown): string | undefined {
  try {
    use();
    return undefined;
  } catch (error) {
    return inWords(error);
  }
}

function inWords(error: unknown): string {
  const { message, hint } = BenchError.from(error);
  return hint === undefined ? message : `${message}; ${hint}`;
}

/** A size: whole bytes, or a number with a unit. Yields bytes. */
export const byteSize = parsedBy(parseByteSize, 'a size such as 4096 or 64KiB');

const DAY_MS = 86_400_000;
/** Instants in nanoseconds stay far from the end of 64 bits, whatever a duration is added to. */
const LONGEST_DAYS = 3650;
/** Waits are handed to timers that know no more than 2^31 - 1 ms, which is 24.8 days. */
const LONGEST_WAIT_DAYS = 24;
/** What counts whole milliseconds must not come to 0 of them. */
const SHORTEST_WAIT_MS = 1;

/** A duration: seconds, or numbers with units. Yields milliseconds. */
export const duration = parsedBy(parseDurationMs, 'a duration such as 30, 30s or 5m').refine(
  (valueMs) => valueMs <= LONGEST_DAYS * DAY_MS,
  `must not be longer than ${String(LONGEST_DAYS)} days`,
);

/** A duration of something that has to take some time. */
export const positiveDuration = duration.refine((valueMs) => valueMs > 0, 'must be more than 0');

/** How long something may take before it is given up, or the pace of a sign of life. */
export const waitingTime = duration
  .refine(
    (valueMs) => valueMs >= SHORTEST_WAIT_MS,
    `must be at least ${String(SHORTEST_WAIT_MS)}ms`,
  )
  .refine(
    (valueMs) => valueMs <= LONGEST_WAIT_DAYS * DAY_MS,
    `must not be longer than ${String(LONGEST_WAIT_DAYS)} days`,
  );

/** How long to wait; 0 not at all. */
export const pause = duration.refine(
  (valueMs) => valueMs <= LONGEST_WAIT_DAYS * DAY_MS,
  `must not be longer than ${String(LONGEST_WAIT_DAYS)} days`,
);

/** A whole number, perhaps with separators, that is not too small. */
function wholeNumber(least: number, tooSmall: string): z.ZodType<number, string | number> {
  return parsedBy((value) => {
    // A negative number is whole too: it is refused for what is wrong with it.
    if (/^\s*-\s*\d[\d,_ ]*$/.test(String(value))) {
      throw new BenchError(tooSmall, { code: 'CONFIG_TOO_SMALL', class: 'config' });
    }
    return parseCount(value);
  }, 'a whole number').refine((value) => value >= least, tooSmall);
}

/** A whole number, perhaps with separators. */
export const count = wholeNumber(0, 'must not be negative');

/** A whole number of at least one. */
export const positiveCount = wholeNumber(1, 'must be at least 1');

/** A part of a whole: a percentage or a fraction. Yields 0 to 1. */
export const fraction = parsedBy(
  parseFraction,
  'a percentage such as 10%, or a fraction such as 0.1',
);

/** N of an N:1 ratio. */
export const ratio = wholeNumber(1, 'must be at least 1 (N means N:1)');

/** Text that is not empty. */
export const text = z.string().min(1, 'must not be empty');

/** The absolute address of a store. */
export const storeAddress = text.superRefine((value, context) => {
  const problem = problemOf(() => parseStoreUri(value));
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** The absolute address of a store, or a path relative to `target`. */
export const addressOrPath = z.string().superRefine((value, context) => {
  const problem = isAbsoluteUri(value) ? problemOf(() => parseStoreUri(value)) : pathProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

function pathProblem(path: string): string | undefined {
  if (path.split('/').includes('..')) return 'must not contain ".."';
  if (path.startsWith('/'))
    return 'must be relative to target, or an address with file://, direct:// or s3://';
  return undefined;
}

/** Operations in flight. */
export const concurrency = positiveCount.refine(
  (value) => value <= 65_536,
  'must not be more than 65536',
);
