import { describe, expect, it } from '@jest/globals';
import type { BarrierWait } from '../run/run-observer.ts';
import { BarrierWaitTeller, type WaitingRun } from './barrier-wait.ts';
import { ALL_AT_ONCE, Gate } from './gate.ts';

/** A barrier of four agents at which time passes when the test says so. */
function startBarrier() {
  let nowMs = 0;
  const told: BarrierWait[] = [];
  const toAgents = new Map<string, unknown[]>();
  const member = (id: string, more: { awaySinceMs?: number; isLeftBehind?: boolean } = {}) => ({
    id,
    awaySinceMs: more.awaySinceMs,
    isLeftBehind: more.isLeftBehind ?? false,
    link: {
      mention: ({ value }: { value?: unknown }) => {
        toAgents.set(id, [...(toAgents.get(id) ?? []), value]);
      },
    },
  });
  const members = [
    member('a'),
    member('b'),
    member('c', { awaySinceMs: 3_000 }),
    member('d', { isLeftBehind: true }),
  ];
  const gate = new Gate(
    new Map(members.map(({ id }) => [id, 'working'])),
    ALL_AT_ONCE,
    () => nowMs,
  );
  const run: WaitingRun = {
    nowMs: () => nowMs,
    team: { members, active: members },
    options: {
      observer: {
        waitingAtBarrier: (wait) => {
          told.push(wait);
        },
      },
    },
  };
  const tallies = new Map([['b', { tasksDone: 1_200, tasksTotal: 5_000 }]]);
  const teller = new BarrierWaitTeller(
    run,
    { number: 2, stage: { name: 'prepare' }, tally: { agents: tallies } },
    gate,
  );
  return {
    gate,
    told,
    toAgents,
    at: (ms: number) => {
      nowMs = ms;
      teller.look();
    },
  };
}

describe('waiting at a barrier', () => {
  it('is nothing to tell of while nobody has arrived', () => {
    const { at, told } = startBarrier();
    at(60_000);
    expect(told).toEqual([]);
  });

  it('is told every ten seconds, with those that are missing, what they are at, and for how long', () => {
    const { at, gate, told } = startBarrier();
    at(5_000);
    gate.arrive('a');
    for (let ms = 5_000; ms <= 26_000; ms += 500) at(ms);
    expect(told.map(({ waitedMs }) => waitedMs)).toEqual([10_000, 20_000]);
    expect(told[0]).toEqual({
      ...{ stage: 'prepare', waitedMs: 10_000, arrived: 1 },
      waitsFor: [
        'b (1,200 of 5,000 done)',
        'd (still at an earlier stage)',
        'c (away for 12s)',
      ].toSorted(),
    });
  });

  it('is told to the agents that wait, and to no others', () => {
    const { at, gate, toAgents } = startBarrier();
    gate.arrive('a');
    at(10_000);
    expect([...toAgents.keys()]).toEqual(['a']);
    expect(toAgents.get('a')).toMatchObject([{ stage: 1, count: 3, waitedMs: 10_000 }]);
  });
});
