import { type ByteRange, StoreRequest } from '../store-request.ts';
import type { ObjectClient } from '../object-client.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Exceptions } from './conformance-server.ts';
import { content, md5 } from './content.ts';
import { failure } from './s3-fixture.ts';

/** What an operation is carried out with. */
export interface Subject {
  readonly store: ObjectStore;
  readonly client: ObjectClient;
  /** The ETag of an object, as another client sees it. */
  readonly etag: (key: string) => Promise<string | undefined>;
}

/** An operation and its answer, which is the same through every driver. */
export interface ConformanceCase {
  readonly does: string;
  readonly run: (subject: Subject) => Promise<unknown>;
  readonly answer: unknown;
  readonly except?: Exceptions;
}

const KIB = 1024;
const SIZES = [0, 1, 4095, 4096, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 5 * KIB * KIB + 1];

const MANY_KEYS = 1_050;
const MANY_PARALLEL = 16;

const FILES = 'keys are paths of files there';
const LONG = 'names of files have 255 bytes there';
const DEAD = `${LONG}, and a longer one ends the server`;
const NO_PATHS: Exceptions = { s3rver: FILES, minio: FILES, versitygw: FILES };
const LONG_NAMES: Exceptions = { s3rver: DEAD, minio: LONG, versitygw: LONG };
const FULL_DIRECTORY = 'a key that ends with a slash is a directory there, and has no content';

/** As long as S3 allows, with the prefix `odd/`. */
const LONGEST = 1_024 - 4;

const ODD_KEYS: readonly (readonly [
  key: string,
  name?: string | undefined,
  except?: Exceptions,
])[] = [
  ['percent %'],
  ['%41 is not A'],
  ['%2F is not a slash'],
  ['%2e%2e/is not up'],
  ['a+b'],
  ['a b'],
  ['  two  spaces  '],
  ['ü ß €'],
  ['\u{1f600} beyond the first plane'],
  ['u\u0308 is not ü'],
  [`!"#$&'()*,-.:;<=>?@[]^_\`{|}~`],
  ['back\\slash'],
  ['question?mark=1&other#hash'],
  ['&amp;&lt;'],
  ['tab\tand newline\n', 'a key with control characters'],
  ['...'],
  ['a/trailing slash/', undefined, { versitygw: FULL_DIRECTORY }],
  ['two//slashes', undefined, NO_PATHS],
  ['a/../b', undefined, NO_PATHS],
  ['./a/.', undefined, NO_PATHS],
  [`${'k'.repeat(250)}/`.repeat(4) + 'k'.repeat(16), 'a key of 1 024 bytes with slashes'],
  ['k'.repeat(LONGEST), 'a key of 1 024 bytes', LONG_NAMES],
  ['€'.repeat(LONGEST / 3), 'a key of 1 024 bytes in few characters', LONG_NAMES],
];

const RANGED = content(200_000);
const RANGES: readonly (readonly [range: ByteRange, name: string])[] = [
  [{ offsetBytes: 0, lengthBytes: 1 }, 'the first byte'],
  [{ offsetBytes: RANGED.length - 1, lengthBytes: 1 }, 'the last byte'],
  [{ offsetBytes: 4_096, lengthBytes: 4_096 }, 'a part inside'],
  [{ offsetBytes: 1, lengthBytes: RANGED.length - 1 }, 'all but the first byte'],
  [{ offsetBytes: 0, lengthBytes: RANGED.length }, 'all of it'],
  [{ offsetBytes: RANGED.length - 10, lengthBytes: 100 }, 'more than there is'],
];

const OBJECTS: readonly ConformanceCase[] = [
  {
    does: 'refuses a range behind the end',
    run: async (subject) => {
      await subject.client.put('range', RANGED);
      const { error } = await getRange(subject, { offsetBytes: RANGED.length, lengthBytes: 1 });
      return { class: error?.class, code: error?.code };
    },
    answer: { class: 'config', code: 'S3_InvalidRange' },
  },
  {
    does: 'replaces an object',
    run: async ({ client, etag }) => {
      await client.put('replaced', content(70_000));
      await client.put('replaced', content(3));
      return [await client.stat('replaced'), await etag('replaced')];
    },
    answer: [3, md5(content(3))],
  },
  {
    does: 'deletes an object',
    run: async ({ client }) => {
      await client.put('deleted', content(3));
      await client.delete('deleted');
      return codes([client.get('deleted'), client.stat('deleted')]);
    },
    answer: ['not-found S3_NoSuchKey', 'not-found S3_NotFound'],
  },
  {
    does: 'deletes an object that is not there',
    run: async ({ client }) => client.delete('never/there'),
    answer: undefined,
  },
  {
    does: 'does not find objects that are not there',
    run: async ({ client }) => codes([client.get('never/there'), client.stat('never/there')]),
    answer: ['not-found S3_NoSuchKey', 'not-found S3_NotFound'],
  },
];

const BELOW = 'nothing is below the key of an object there';

const LISTINGS: readonly ConformanceCase[] = [
  {
    does: 'lists nothing where there is nothing',
    run: (subject) => listed(subject, 'never/there'),
    answer: [],
  },
  {
    does: 'lists what begins with a prefix, and nothing else',
    run: async (subject) => {
      for (const key of ['list/a', 'list/ab', 'list/b', 'list/a/b']) {
        await subject.client.put(key, content(key.length));
      }
      return listed(subject, 'list/a');
    },
    answer: [
      ['list/a', 6],
      ['list/a/b', 8],
      ['list/ab', 7],
    ],
    except: { s3rver: 'sorts as file systems do', minio: BELOW, versitygw: BELOW },
  },
  {
    does: 'lists keys in the order of their bytes',
    run: async (subject) => {
      const keys = [
        'sorted/a-b',
        'sorted/a/b',
        'sorted/aa',
        'sorted/B',
        'sorted/ü',
        'sorted/\u{1f600}',
        'sorted/\uff5e',
      ];
      for (const key of keys) await subject.client.put(key, content(1));
      return (await listed(subject, 'sorted/')).map(([key]) => key);
    },
    answer: [
      'sorted/B',
      'sorted/a-b',
      'sorted/a/b',
      'sorted/aa',
      'sorted/ü',
      'sorted/\uff5e',
      'sorted/\u{1f600}',
    ],
    except: { s3rver: 'sorts as file systems do' },
  },
  {
    does: `lists ${String(MANY_KEYS)} objects page by page`,
    run: async (subject) => {
      await putMany(subject.client);
      return listed(subject, 'many/');
    },
    answer: Array.from({ length: MANY_KEYS }, (_, index) => [manyKey(index), 1]),
    except: { s3rver: 'answers 500 to a continuation token' },
  },
];

/** The table that every driver goes through on every server. */
export const OPERATIONS: readonly ConformanceCase[] = [
  ...SIZES.map((size) =>
    roundTrip(`size/${String(size)}`, size, `an object of ${String(size)} bytes`),
  ),
  // The prefix makes 1 024 bytes of the longest ones.
  ...ODD_KEYS.map(([key, name, except = {}]) => ({
    ...roundTrip(`odd/${key}`, 5, name ?? `the key ${JSON.stringify(key)}`),
    except,
  })),
  roundTrip('odd/an empty one/', 0, 'an object of 0 bytes whose key ends with a slash'),
  {
    ...roundTrip('/leading slash', 5, 'a key that begins with a slash'),
    except: NO_PATHS,
  },
  ...RANGES.map(([range, name]) => rangedGet(range, name)).map((each, index) =>
    // The first range ends at 0.
    index === 0 ? { ...each, except: { s3rver: 'answers with the whole object' } } : each,
  ),
  ...OBJECTS,
  ...LISTINGS,
];

/** An object is written, and then length, content, ETag and name are those that it was given. */
function roundTrip(key: string, size: number, name: string): ConformanceCase {
  return {
    does: `puts and gets ${name}`,
    run: async (subject) => {
      const { client, etag } = subject;
      const bytes = content(size);
      await client.put(key, bytes);
      return {
        length: await client.stat(key),
        same: bytes.equals(await client.get(key)),
        etag: await etag(key),
        listed: (await listed(subject, key)).filter(([found]) => found === key),
      };
    },
    answer: { length: size, same: true, etag: md5(content(size)), listed: [[key, size]] },
  };
}

function rangedGet(range: ByteRange, name: string): ConformanceCase {
  const { lengthBytes, offsetBytes } = range;
  const part = RANGED.subarray(offsetBytes, offsetBytes + lengthBytes);
  return {
    does: `gets ${name} when asked for ${String(lengthBytes)} bytes from ${String(offsetBytes)} on`,
    run: async (subject) => {
      await subject.client.put('range', RANGED);
      const { bytes, error, received } = await getRange(subject, range);
      return { bytes, error, same: part.equals(received) };
    },
    answer: { bytes: part.length, error: undefined, same: true },
  };
}

function getRange(
  { store }: Subject,
  range: ByteRange,
): Promise<{ bytes: number; error: StoreRequest['error']; received: Buffer }> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const request = new StoreRequest(({ bytes, error }) => {
      resolve({ bytes, error, received: Buffer.concat(pieces) });
    });
    request.key = 'range';
    request.range = range;
    request.onData = (piece) => pieces.push(Buffer.from(piece));
    store.submit(request);
  });
}

async function listed(
  { client }: Subject,
  prefix: string,
): Promise<(readonly [key: string, sizeBytes: number])[]> {
  const entries: (readonly [string, number])[] = [];
  await client.list(prefix, ({ key, sizeBytes }) => entries.push([key, sizeBytes]));
  return entries;
}

async function codes(operations: readonly Promise<unknown>[]): Promise<string[]> {
  const errors = await Promise.all(operations.map((operation) => failure(operation)));
  return errors.map((error) => `${error.class} ${error.code}`);
}

function manyKey(index: number): string {
  return `many/${String(index).padStart(4, '0')}`;
}

async function putMany(client: ObjectClient): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < MANY_KEYS; index = next++) {
      await client.put(manyKey(index), content(1));
    }
  };
  await Promise.all(Array.from({ length: MANY_PARALLEL }, work));
}
