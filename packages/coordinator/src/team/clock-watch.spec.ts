import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { type ClockOwner, ClockWatch } from './clock-watch.ts';
import { MemberClock } from './member-clock.ts';

const MS = 1e6;

/** An agent whose clock is 5 s ahead. */
interface FakeOwner extends ClockOwner {
  active: boolean;
  awaySinceMs?: number | undefined;
  readings: number;
}

/** A watch over agents, by the round trips to them in ms; one with Infinity does not answer. */
function makeWatch(roundTripsMs: readonly number[]) {
  const time = { nowNs: 1e12 };
  const members = roundTripsMs.map((roundTripMs): FakeOwner => {
    const member: FakeOwner = {
      active: true,
      readings: 0,
      clock: new MemberClock(),
      link: {
        readClock: (nowNs) => {
          member.readings++;
          if (roundTripMs === Infinity) {
            return Promise.reject(
              new BenchError('no answer', { code: 'AGENT_UNREACHABLE', class: 'network' }),
            );
          }
          const sentNs = nowNs();
          time.nowNs += roundTripMs * MS;
          const remoteNs = sentNs + (roundTripMs / 2) * MS + 5e9;
          return Promise.resolve({ sentNs, remoteNs, receivedNs: nowNs(), remoteUnixUs: 0 });
        },
      },
    };
    return member;
  });
  const watch = new ClockWatch({ members, nowNs: () => time.nowNs });
  return { watch, members, time };
}

const readingsOf = (members: readonly FakeOwner[]): number[] =>
  members.map(({ readings }) => readings);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Lets a call of a watch go on through its pauses. */
async function through(call: Promise<void>): Promise<void> {
  await jest.advanceTimersByTimeAsync(1000);
  await call;
}

describe('ClockWatch', () => {
  it('reads each clock until its offset is known well, or many times where it cannot be', async () => {
    const { members, time, watch } = makeWatch([0.2, 0.2, 40]);
    await through(watch.measure(5000, () => undefined));
    expect(readingsOf(members)).toEqual([1, 1, 8]);
    for (const { clock } of members) {
      expect(Math.abs(clock.at(time.nowNs).offsetNs - 5e9)).toBeLessThanOrEqual(
        clock.at(time.nowNs).errorNs,
      );
    }
  });

  it('says which agents do not answer at the start', async () => {
    const failed: string[] = [];
    const { members, watch } = makeWatch([0.2, Infinity]);
    await through(
      watch.measure(5000, (member, { code }) => {
        failed.push(`${String(members.indexOf(member))}: ${code}`);
      }),
    );
    expect(failed).toEqual(['1: AGENT_UNREACHABLE']);
  });

  it('reads again before a stage only what has grown uncertain', async () => {
    const { members, time, watch } = makeWatch([0.2, 0.2]);
    await through(watch.measure(5000, () => undefined));
    await through(watch.freshen());
    expect(readingsOf(members)).toEqual([1, 1]);
    time.nowNs += 10e9;
    await through(watch.freshen());
    expect(readingsOf(members)).toEqual([2, 2]);
  });

  it('goes on with what it knew when an agent does not answer before a stage', async () => {
    const { members, watch } = makeWatch([Infinity]);
    await through(watch.freshen());
    expect(readingsOf(members)).toEqual([1]);
  });

  it('does not read the clock of an agent that takes no part', async () => {
    const { members, watch } = makeWatch([0.2, 0.2]);
    for (const member of members.slice(0, 1)) member.active = false;
    await through(watch.freshen());
    expect(readingsOf(members)).toEqual([0, 1]);
  });

  it('reads every clock every five seconds in the background, until it is stopped', async () => {
    const { members, watch } = makeWatch([0.2, 0.2]);
    watch.start();
    await jest.advanceTimersByTimeAsync(20_000);
    expect(readingsOf(members)).toEqual([4, 4]);
    watch.stop();
    await jest.advanceTimersByTimeAsync(20_000);
    expect(readingsOf(members)).toEqual([4, 4]);
  });

  it('reads at most twenty clocks a second in the background, however many agents there are', async () => {
    const { members, watch } = makeWatch(Array.from({ length: 1000 }, () => 0.2));
    watch.start();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(readingsOf(members).reduce((sum, count) => sum + count, 0)).toBe(200);
    watch.stop();
  });

  it('reads a clock that it has to know until it is told the time', async () => {
    const { members, watch } = makeWatch([0.2]);
    const [member] = members;
    if (member === undefined) return;
    member.awaySinceMs = 0;
    const known = watch.learn(member, () => true);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(member.readings).toBe(0);
    member.awaySinceMs = undefined;
    await through(known);
    expect(member.clock.isKnown).toBe(true);
  });

  it('does not go on asking for a time that does not matter any more', async () => {
    const { members, watch } = makeWatch([Infinity]);
    const [member] = members;
    if (member === undefined) return;
    let isWanted = true;
    const known = watch.learn(member, () => isWanted);
    await jest.advanceTimersByTimeAsync(1000);
    expect(member.readings).toBeGreaterThan(1);
    isWanted = false;
    await through(known);
    expect(member.clock.isKnown).toBe(false);
  });

  it('does not go on asking for a time after its end', async () => {
    const { members, watch } = makeWatch([Infinity]);
    const [member] = members;
    if (member === undefined) return;
    const known = watch.learn(member, () => true);
    watch.stop();
    await through(known);
    expect(member.clock.isKnown).toBe(false);
  });
});
