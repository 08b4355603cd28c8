import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '@sai3bench/s3-test-server';
import { CONTENT, FaultyServer } from '../testing/faulty-server.ts';
import { failure } from '../testing/s3-fixture.ts';
import type { S3Options } from './s3-options.ts';

const faulty = new FaultyServer();

afterEach(async () => faulty.stop());

const HARMLESS: readonly (readonly [name: string, fault: Fault | readonly Fault[]])[] = [
  ['chunks', { kind: 'chunked' }],
  [
    'chunks of one byte, with trailers',
    { kind: 'chunked', chunkBytes: 1, trailers: { 'x-t': 't' } },
  ],
  ['interim answers before it', { kind: 'interim', statuses: [100, 103, 102] }],
  ['Connection: close', { kind: 'connection-close' }],
  ['a long head', { kind: 'long-header', bytes: 8_000 }],
  ['a head that comes byte by byte', { kind: 'pieces', part: 'head' }],
  ['all of it byte by byte', { kind: 'pieces', part: 'all' }],
  ['latency', { kind: 'latency', ms: { uniform: [0, 30] } }],
  [
    'much of that at once',
    [
      { kind: 'interim', statuses: [100] },
      { kind: 'chunked', chunkBytes: 7 },
      { kind: 'pieces', part: 'all', bytes: 3 },
      { kind: 'connection-close' },
    ],
  ],
];

const QUICK: S3Options = { idleTimeoutMs: 150, totalTimeoutMs: 450 };
const SHORT = 'integrity S3_SHORT_BODY';
const ILLEGAL = 'server S3_ILLEGAL_ANSWER';
const RESET = 'network S3_ECONNRESET';
const IDLE = 'timeout S3_IDLE_TIMEOUT';

/** Faults of the answer to a GET; the store has used its connection before. */
const HARMFUL: readonly (readonly [
  name: string,
  fault: Fault | readonly Fault[],
  error: string,
])[] = [
  ['its body cut off by the end of the connection', cut('close'), SHORT],
  ['its body cut off by a reset', cut('reset'), RESET],
  ['its body cut off by silence', cut('stall'), IDLE],
  ['a head cut off by silence', { kind: 'cut', afterBytes: 20, end: 'stall' }, IDLE],
  ['silence', { kind: 'cut', afterBytes: 0, end: 'stall' }, IDLE],
  ['a chunked body cut off', [{ kind: 'chunked' }, cut('close')], SHORT],
  [
    'a Content-Length that is too large',
    [{ kind: 'content-length', add: 10 }, { kind: 'connection-close' }],
    SHORT,
  ],
  ['a Content-Length that is too large, and silence', { kind: 'content-length', add: 10 }, IDLE],
  ['a byte now and then', { kind: 'pieces', part: 'all', everyMs: 20 }, 'timeout S3_TOTAL_TIMEOUT'],
  ['a head that is too large', { kind: 'long-header', bytes: 100_000 }, ILLEGAL],
  ['garbage', { kind: 'garbage' }, ILLEGAL],
  ['much garbage', { kind: 'garbage', bytes: 100_000 }, ILLEGAL],
  ['a status that has no body', { kind: 'empty', status: 304 }, 'config S3_Unknown'],
];

function cut(end: 'close' | 'reset' | 'stall'): Fault {
  return { kind: 'cut', afterBytes: 100, from: 'body', end };
}

describe('FastS3Store', () => {
  it.each(HARMLESS)('reads answers with %s', async (_, fault) => {
    await faulty.start();
    const { client } = faulty;
    faulty.strike(fault);
    for (let time = 0; time < 3; time++) {
      await client.put('other', CONTENT);
      expect(CONTENT.equals(await client.get('key'))).toBe(true);
      expect(await client.list('', () => undefined)).toBe(2);
      await client.delete('other');
    }
    expect((await failure(client.get('none'))).code).toBe('S3_NoSuchKey');
    expect(await faulty.recovers()).toBe(true);
  });

  it('does not take a length that it was not told for 0', async () => {
    await faulty.start();
    faulty.strike({ kind: 'chunked' });
    expect(await failure(faulty.client.stat('key'))).toMatchObject({
      class: 'server',
      code: 'S3_NO_LENGTH',
    });
    expect(await faulty.recovers()).toBe(true);
  });

  it.each(HARMFUL)('fails a GET whose answer has %s', async (_, fault, expected) => {
    await faulty.start(QUICK);
    faulty.strike(fault);
    const error = await failure(faulty.client.get('key'));
    expect(`${error.class} ${error.code}`).toBe(expected);
    expect(await faulty.recovers()).toBe(true);
  });

  it('hands out as much as Content-Length says and drops the connection when there is more', async () => {
    await faulty.start();
    faulty.strike({ kind: 'content-length', add: -10 });
    expect(await faulty.client.get('key')).toHaveLength(CONTENT.length - 10);
    expect(await faulty.recovers()).toBe(true);
    expect(faulty.server.stats().connections.opened).toBe(2);
  });

  it('hands out a body as it came: whether it is what was stored is for the dataset to say', async () => {
    await faulty.start();
    faulty.strike({ kind: 'corrupt', bits: 3 });
    const received = await faulty.client.get('key');
    expect(received).toHaveLength(CONTENT.length);
    expect(received.equals(CONTENT)).toBe(false);
    expect(await faulty.recovers()).toBe(true);
  });

  it('takes 204 for an empty object', async () => {
    await faulty.start();
    faulty.strike({ kind: 'empty', status: 204 });
    expect(await faulty.client.get('key')).toHaveLength(0);
    expect(await faulty.recovers()).toBe(true);
  });

  it.each(['close', 'reset'] as const)(
    'never takes part of an answer for the whole (%s at every byte)',
    async (end) => {
      await faulty.start();
      const { client } = faulty;
      await client.put('small', Buffer.from('0123456789'));
      let length = 0;
      let complete = false;
      for (; !complete; length++) {
        faulty.server.faults.clear();
        faulty.strike({ kind: 'cut', afterBytes: length, end });
        const outcome = await client.get('small').then(
          (received) => received.toString(),
          (error: unknown) => error,
        );
        if (typeof outcome === 'string') {
          expect(outcome).toBe('0123456789');
          complete = true;
        } else
          expect(outcome).toMatchObject({
            class: expect.stringMatching(/^(network|integrity)$/),
            code: expect.stringMatching(/^S3_(ECONNRESET|CONNECTION_CLOSED|SHORT_BODY)$/),
          });
      }
      expect(length).toBeGreaterThan(100);
      expect(await faulty.recovers()).toBe(true);
    },
  );

  it.each(['PutObject', 'HeadObject', 'DeleteObject', 'ListObjectsV2'] as const)(
    'never takes part of a head for the whole (%s)',
    async (operation) => {
      await faulty.start();
      const { client } = faulty;
      const run = {
        PutObject: () => client.put('small', CONTENT),
        HeadObject: () => client.stat('key'),
        DeleteObject: () => client.delete('small'),
        ListObjectsV2: () => client.list('', () => undefined),
      }[operation];
      for (let length = 0; length < 90; length++) {
        faulty.server.faults.clear();
        faulty.strike({ kind: 'cut', afterBytes: length, end: 'reset' }, { operation });
        expect((await failure(run())).class).toBe('network');
      }
      expect(await faulty.recovers()).toBe(true);
    },
  );

  it.each([
    [
      { kind: 'permanent-redirect', region: 'eu-west-3' },
      'S3_PermanentRedirect',
      'AWS_REGION=eu-west-3',
    ],
    [
      { kind: 'redirect', location: 'http://other.example:9000/' },
      'S3_TemporaryRedirect',
      'http://other.example:9000/',
    ],
  ] as const)('says where a redirect leads (%j)', async (fault, code, hint) => {
    await faulty.start();
    faulty.strike(fault);
    for (const operation of [
      faulty.client.get('key'),
      faulty.client.put('key', CONTENT),
      faulty.client.list('', () => undefined),
    ]) {
      const error = await failure(operation);
      expect(error).toMatchObject({ class: 'config', code });
      expect(error.hint).toContain(hint);
    }
    expect(await faulty.recovers()).toBe(true);
  });

  it('tries again as often as it was told to', async () => {
    await faulty.start({ maxRetries: 3 });
    faulty.strike({ kind: 'error', code: 'SlowDown' }, { operation: 'GetObject', times: 2 });
    expect(CONTENT.equals(await faulty.client.get('key'))).toBe(true);
    expect(faulty.server.stats().requests.byOperation.GetObject).toBe(3);
  });
});
