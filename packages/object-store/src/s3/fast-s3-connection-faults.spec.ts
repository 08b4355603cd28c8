import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '@sai3bench/s3-test-server';
import { content } from '../testing/content.ts';
import { CONTENT, FaultyServer } from '../testing/faulty-server.ts';
import { failure } from '../testing/s3-fixture.ts';

const faulty = new FaultyServer();

afterEach(async () => faulty.stop());

/** More than the buffers of the system take. */
const LARGE = content(24 << 20);

describe('FastS3Store on its connections', () => {
  it.each(['reset', 'close'] as const)(
    'connects anew when a connection that was used before ends without an answer (%s)',
    async (end) => {
      await faulty.start();
      for (const operation of [
        () => faulty.client.get('key'),
        () => faulty.client.put('other', CONTENT),
        () => faulty.client.stat('key'),
        () => faulty.client.list('', () => undefined),
        () => faulty.client.delete('other'),
      ]) {
        const before = faulty.server.stats().connections.opened;
        faulty.strike({ kind: 'cut', afterBytes: 0, end }, { times: 1 });
        await operation();
        expect(faulty.server.stats().connections.opened).toBe(before + 1);
      }
      expect(await faulty.recovers()).toBe(true);
    },
  );

  it('sends a large body again from its beginning when a used connection breaks while it is sent', async () => {
    await faulty.start();
    faulty.strike({ kind: 'reset-request', afterBodyBytes: 9_000_000 }, { times: 1 });
    await faulty.client.put('large', LARGE);
    expect(LARGE.equals(await faulty.client.get('large'))).toBe(true);
    expect(faulty.server.stats().requests.byOperation.PutObject).toBe(3);
  });

  it('gives up when every new connection ends without an answer too', async () => {
    await faulty.start();
    faulty.strike({ kind: 'cut', afterBytes: 0, end: 'reset' });
    expect(await failure(faulty.client.get('key'))).toMatchObject({
      class: 'network',
      code: 'S3_ECONNRESET',
    });
    expect(faulty.server.stats().requests.byOperation.GetObject).toBe(2);
    expect(await faulty.recovers()).toBe(true);
  });

  it.each(['read-on', 'stop-reading', 'close'] as const)(
    'stops sending when the answer comes early, and says what it was (the server may %s)',
    async (then) => {
      await faulty.start();
      for (const [code, expected] of [
        ['SlowDown', 'throttled S3_SlowDown'],
        ['EntityTooLarge', 'config S3_EntityTooLarge'],
      ] as const) {
        faulty.server.faults.clear();
        faulty.strike({ kind: 'early-answer', afterBodyBytes: 1, code, then });
        const error = await failure(faulty.client.put('large', LARGE));
        expect(`${error.class} ${error.code}`).toBe(expected);
      }
      expect(await faulty.recovers()).toBe(true);
    },
  );

  it.each<[Fault, string]>([
    [{ kind: 'reset-request', afterBodyBytes: 100_000 }, 'network'],
    [{ kind: 'stall-request', afterBodyBytes: 100_000 }, 'timeout'],
  ])('fails a PUT when the server does not read it (%j)', async (fault, errorClass) => {
    await faulty.start({ idleTimeoutMs: 200 });
    faulty.strike(fault);
    expect((await failure(faulty.client.put('large', LARGE))).class).toBe(errorClass);
    expect(await faulty.recovers()).toBe(true);
  });

  it('finishes everything under way, whatever happens to the connections', async () => {
    await faulty.start({ idleTimeoutMs: 300, totalTimeoutMs: 2_000 });
    const { client } = faulty;
    const faults: Fault[] = [
      { kind: 'cut', afterBytes: 0, end: 'reset' },
      { kind: 'cut', afterBytes: 50, end: 'close' },
      { kind: 'cut', afterBytes: 200, end: 'stall' },
      { kind: 'garbage' },
      { kind: 'connection-close' },
      { kind: 'error', code: 'InternalError' },
    ];
    for (const fault of faults) faulty.strike(fault, { probability: 0.05 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 600 }, (_, index) =>
        index % 2 === 0 ? client.get('key') : client.put(`p${String(index)}`, CONTENT),
      ),
    );
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') {
        if (Buffer.isBuffer(outcome.value)) expect(outcome.value.equals(CONTENT)).toBe(true);
      } else
        expect(outcome.reason).toMatchObject({
          class: expect.stringMatching(/^(network|integrity|timeout|server)$/),
        });
    }
    expect(await faulty.recovers()).toBe(true);
    expect(faulty.server.stats().connections.open).toBeLessThanOrEqual(16);
  });
});
