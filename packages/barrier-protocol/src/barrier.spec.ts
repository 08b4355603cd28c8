import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BARRIER_TYPES,
  type BarrierDecision,
  type BarrierRule,
  type BarrierType,
  decideBarrier,
  type MemberStatus,
} from './barrier.ts';
import { BarrierState } from './barrier-state.ts';

const ruleOf = (type: BarrierType, isPatient = false): BarrierRule => ({
  ...{ type, isPatient, stragglerGraceMs: 1_000 },
});
const decide = (
  rule: BarrierRule,
  statuses: Record<string, MemberStatus>,
  quorumForMs?: number,
): BarrierDecision =>
  decideBarrier(rule, { members: new Map(Object.entries(statuses)), quorumForMs });

describe('an all_or_nothing barrier', () => {
  const rule = ruleOf('all_or_nothing');

  it('opens when all have arrived', () => {
    expect(decide(rule, { a: 'arrived', b: 'arrived' })).toEqual({ type: 'release', without: [] });
  });

  it('waits for those that work and for those that are away, however long', () => {
    expect(decide(rule, { a: 'arrived', b: 'working', c: 'away' }, 1e9)).toEqual({
      ...{ type: 'wait', for: ['b', 'c'] },
    });
  });

  it('breaks when one has failed', () => {
    expect(decide(rule, { a: 'working', b: 'failed' })).toEqual({ type: 'break', because: ['b'] });
  });

  it('lets the others end their work before it breaks when it is patient', () => {
    const patient = ruleOf('all_or_nothing', true);
    expect(decide(patient, { a: 'working', b: 'failed' })).toEqual({ type: 'wait', for: ['a'] });
    expect(decide(patient, { a: 'arrived', b: 'failed' }).type).toBe('break');
  });
});

describe('a majority barrier', () => {
  const rule = ruleOf('majority');

  it('does not open for half of the members', () => {
    expect(decide(rule, { a: 'arrived', b: 'working' })).toEqual({ type: 'wait', for: ['b'] });
  });

  it('gives the others time once more than half have arrived, and then goes on without them', () => {
    const members = { a: 'arrived', b: 'arrived', c: 'working' } as const;
    expect(decide(rule, members, 400)).toEqual({ type: 'linger', for: ['c'], leftMs: 600 });
    expect(decide(rule, members, 1_000)).toEqual({ type: 'release', without: ['c'] });
  });

  it('opens at once when nobody is left to come', () => {
    expect(decide(rule, { a: 'arrived', b: 'arrived', c: 'failed' })).toEqual({
      ...{ type: 'release', without: ['c'] },
    });
  });

  it('breaks when so many have failed that a majority is not left', () => {
    expect(decide(rule, { a: 'arrived', b: 'failed' }).type).toBe('break');
    expect(decide(rule, { a: 'working', b: 'failed', c: 'working' }).type).toBe('wait');
  });
});

describe('a best_effort barrier', () => {
  const rule = ruleOf('best_effort');

  it('waits for all that are connected', () => {
    expect(decide(rule, { a: 'arrived', b: 'working', c: 'failed' })).toEqual({
      ...{ type: 'wait', for: ['b'] },
    });
  });

  it('gives those that are away time to come back, and then goes on without them', () => {
    const members = { a: 'arrived', b: 'away', c: 'failed' } as const;
    expect(decide(rule, members, 0)).toEqual({ type: 'linger', for: ['b'], leftMs: 1_000 });
    expect(decide(rule, members, 2_000)).toEqual({ type: 'release', without: ['b', 'c'] });
  });

  it('breaks only when nobody is left', () => {
    expect(decide(rule, { a: 'failed', b: 'arrived' }).type).toBe('release');
    expect(decide(rule, { a: 'failed', b: 'failed' }).type).toBe('break');
  });
});

/** What happens to members as time passes. */
const schedules = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 700 }),
    member: fc.integer({ min: 0, max: 4 }),
    status: fc.constantFrom<MemberStatus>('working', 'away', 'arrived', 'failed'),
  }),
  { maxLength: 40 },
);
const rules = fc.record({
  type: fc.constantFrom(...BARRIER_TYPES),
  isPatient: fc.boolean(),
  stragglerGraceMs: fc.integer({ min: 0, max: 2_000 }),
});
const IDS = ['a', 'b', 'c', 'd', 'e'];

describe('a barrier over time', () => {
  const start = (rule: BarrierRule): BarrierState =>
    new BarrierState(rule, new Map(IDS.map((id) => [id, 'working'])));

  it('never takes back a release or a break, whatever is heard later', () => {
    fc.assert(
      fc.property(rules, schedules, (rule, schedule) => {
        const barrier = start(rule);
        let nowMs = 0;
        let final: BarrierDecision | undefined;
        for (const { afterMs, member, status } of schedule) {
          nowMs += afterMs;
          barrier.set(IDS[member] ?? '', status);
          const decision = barrier.decide(nowMs);
          if (final !== undefined) expect(decision).toEqual(final);
          else if (decision.type === 'release' || decision.type === 'break') final = decision;
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('opens with at least those that its type asks for, and names everybody who is left behind', () => {
    fc.assert(
      fc.property(rules, schedules, (rule, schedule) => {
        const barrier = start(rule);
        let nowMs = 0;
        for (const { afterMs, member, status } of schedule) {
          nowMs += afterMs;
          barrier.set(IDS[member] ?? '', status);
          const decision = barrier.decide(nowMs);
          if (decision.type !== 'release') continue;
          const there = [...barrier.members].filter(([, each]) => each === 'arrived');
          expect([...there.map(([id]) => id), ...decision.without].toSorted()).toEqual(IDS);
          const least = { all_or_nothing: 5, majority: 3, best_effort: 1 }[rule.type];
          expect(there.length).toBeGreaterThanOrEqual(least);
          return;
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('is over soon after everybody has arrived or failed', () => {
    fc.assert(
      fc.property(
        rules,
        schedules,
        fc.array(fc.constantFrom<MemberStatus>('arrived', 'failed'), {
          minLength: 5,
          maxLength: 5,
        }),
        (rule, schedule, ends) => {
          const barrier = start(rule);
          let nowMs = 0;
          for (const { afterMs, member, status } of schedule) {
            nowMs += afterMs;
            barrier.set(IDS[member] ?? '', status);
            barrier.decide(nowMs);
          }
          for (const [index, id] of IDS.entries()) barrier.set(id, ends[index] ?? 'failed');
          expect(['release', 'break']).toContain(barrier.decide(nowMs).type);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('waits for stragglers exactly as long as they have, also when they come and go', () => {
    const barrier = start(ruleOf('majority'));
    for (const id of ['a', 'b', 'c']) barrier.set(id, 'arrived');
    expect(barrier.decide(0)).toMatchObject({ type: 'linger', leftMs: 1_000 });
    barrier.set('d', 'away');
    barrier.set('e', 'failed');
    expect(barrier.decide(700)).toEqual({ type: 'linger', for: ['d'], leftMs: 300 });
    barrier.set('d', 'working');
    expect(barrier.decide(1_000)).toEqual({ type: 'release', without: ['d', 'e'] });
  });

  it('gives them their time anew when the quorum was lost meanwhile', () => {
    const barrier = new BarrierState(
      ruleOf('best_effort'),
      new Map([
        ['a', 'arrived'],
        ['b', 'away'],
      ]),
    );
    expect(barrier.decide(0)).toMatchObject({ type: 'linger' });
    barrier.set('b', 'working');
    expect(barrier.decide(900)).toEqual({ type: 'wait', for: ['b'] });
    barrier.set('b', 'away');
    expect(barrier.decide(5_000)).toMatchObject({ type: 'linger', leftMs: 1_000 });
  });
});
