import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { TICK_MS, TimerWheel } from './http/timer-wheel.ts';
import { S3Upkeep } from './s3-upkeep.ts';
import { type Credentials, CredentialsSource } from './sigv4/credentials.ts';

const KEYS: Credentials = { accessKeyId: 'first', secretAccessKey: 'secret' };

function upkeepOf({ isResolved = true } = {}) {
  const calls: string[] = [];
  const state = { nowMs: 0, keys: KEYS };
  const wheel = new TimerWheel(() => state.nowMs);
  const places = {
    current: {
      addresses: {
        ready: isResolved,
        refresh: async () => {
          calls.push('resolve');
          return true;
        },
      },
    },
    refresh: async () => {
      calls.push('resolve all');
    },
    signAs: ({ accessKeyId }: { readonly accessKeyId: string }) => {
      calls.push(`sign as ${accessKeyId}`);
    },
  };
  // Credentials that are always about to expire are fetched whenever somebody asks, 10 s after the last time.
  const source = new CredentialsSource(
    async () => ({ ...state.keys, expiration: new Date(0) }),
    () => state.nowMs,
  );
  const pass = async (ms: number): Promise<void> => {
    for (const endMs = state.nowMs + ms; state.nowMs < endMs;) {
      state.nowMs += TICK_MS;
      wheel.turn();
    }
    await setImmediate();
  };
  return { calls, pass, state, upkeep: new S3Upkeep(places, source, wheel) };
}

describe('S3Upkeep', () => {
  it('finds credentials, and resolves a name that was not resolved before', async () => {
    const { calls, upkeep } = upkeepOf({ isResolved: false });
    expect(await upkeep.find()).toMatchObject(KEYS);
    expect(calls).toEqual(['resolve']);
    const again = upkeepOf();
    await again.upkeep.find();
    expect(again.calls).toEqual([]);
  });

  it('signs with what was found, and looks every 30 s whether there is something fresher', async () => {
    const { calls, pass, state, upkeep } = upkeepOf();
    upkeep.begin(await upkeep.find());
    state.keys = { ...KEYS, accessKeyId: 'second' };
    await pass(29_000);
    expect(calls).toEqual(['sign as first']);
    await pass(1_000);
    expect(calls).toEqual(['sign as first', 'sign as second', 'resolve all']);
    upkeep.end();
  });

  it('does nothing more once it has ended', async () => {
    const { calls, pass, upkeep } = upkeepOf();
    upkeep.begin(await upkeep.find());
    upkeep.end();
    await pass(60_000);
    expect(calls).toEqual(['sign as first']);
  });
});
