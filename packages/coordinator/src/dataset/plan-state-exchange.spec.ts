import { describe, expect, it } from '@jest/globals';
import type { PlainKnownRange } from '@sai3bench/barrier-protocol';
import fc from 'fast-check';
import { type AgentKnowledge, planStateExchange } from './plan-state-exchange.ts';

const COUNT = 60;

function agent(
  agentId: string,
  own: [number, number],
  ...known: PlainKnownRange[]
): AgentKnowledge {
  return {
    agentId,
    pools: [{ identity: 'p', own: { begin: own[0], end: own[1] }, known, unfinished: false }],
  };
}

function range(begin: number, end: number, generation = 1, sequence = 1): PlainKnownRange {
  return { begin, end, generation, sequence };
}

describe('planStateExchange()', () => {
  it('asks for nothing when every agent knows its own objects', () => {
    expect(
      planStateExchange([agent('a', [0, 30], range(0, 30)), agent('b', [30, 60], range(30, 60))]),
    ).toEqual([]);
  });

  it('moves whole ranges when there are more agents than before', () => {
    expect(
      planStateExchange([
        agent('a', [0, 20], range(0, 30)),
        agent('b', [20, 40], range(30, 60)),
        agent('c', [40, 60]),
      ]),
    ).toEqual([
      { identity: 'p', from: 'a', to: 'b', begin: 20, end: 30, generation: 1, sequence: 1 },
      { identity: 'p', from: 'b', to: 'c', begin: 40, end: 60, generation: 1, sequence: 1 },
    ]);
  });

  it('believes the newest, by run and then by save', () => {
    expect(
      planStateExchange([
        agent('a', [0, 60], range(0, 60, 5, 1)),
        agent('b', [0, 0], range(0, 20, 4, 99), range(20, 60, 5, 2)),
      ]),
    ).toEqual([
      { identity: 'p', from: 'b', to: 'a', begin: 20, end: 60, generation: 5, sequence: 2 },
    ]);
  });

  it('keeps apart pools that are not the same objects', () => {
    const other = {
      agentId: 'b',
      pools: [
        { identity: 'q', own: { begin: 0, end: 0 }, known: [range(0, 60, 9)], unfinished: false },
      ],
    };
    expect(planStateExchange([agent('a', [0, 60]), other])).toEqual([]);
  });

  it('leaves every agent with the newest states that anybody has of each of its objects', () => {
    const known = fc.array(
      fc
        .tuple(fc.nat(COUNT), fc.nat(COUNT), fc.nat(3), fc.nat(3))
        .map(([a, b, generation, sequence]) =>
          range(Math.min(a, b), Math.max(a, b), generation, sequence),
        ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.array(known, { minLength: 1, maxLength: 5 }), (all) => {
        const agents = all.map((ranges, index): AgentKnowledge => {
          const share = COUNT / all.length;
          return agent(String(index), [index * share, (index + 1) * share], ...ranges);
        });
        const transfers = planStateExchange(agents);
        const ageIn = (id: string, index: number): number =>
          Math.max(
            -1,
            ...(all[Number(id)] ?? [])
              .filter(({ begin, end }) => index >= begin && index < end)
              .map(({ generation, sequence }) => generation * 10 + sequence),
          );
        for (const [position, { agentId, pools }] of agents.entries()) {
          const own = pools[0]?.own ?? { begin: 0, end: 0 };
          for (let index = own.begin; index < own.end; index++) {
            const told = transfers.filter(
              ({ begin, end, to }) => to === agentId && index >= begin && index < end,
            );
            expect(told.length).toBeLessThanOrEqual(1);
            const best = Math.max(...agents.map((each) => ageIn(each.agentId, index)));
            expect(ageIn(told[0]?.from ?? String(position), index)).toBe(best);
          }
        }
      }),
    );
  });
});
