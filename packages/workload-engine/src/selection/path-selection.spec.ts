import { describe, expect, it } from '@jest/globals';
import { partition, seedOf } from '@sai3bench/datagen';
import type { AccessPlan, AgentPlan } from '@sai3bench/workload-config/plan';
import { ObjectSpan } from './object-span.ts';
import { PathSelection } from './path-selection.ts';
import { Random } from './random.ts';

const COUNT = 1000;
const DRAWS = 20_000;

function selectionOf(
  strategy: AgentPlan['pathSelection']['strategy'],
  agent: number,
  agents: number,
  access: AccessPlan = { type: 'uniform' },
  overlap = 0.3,
): PathSelection {
  const own = partition(COUNT, agent, agents);
  const span = (...parts: { begin: number; end: number }[]): ObjectSpan =>
    new ObjectSpan(parts.map((part) => ({ pool: 0, ...part })));
  let number = 0;
  return new PathSelection(
    { strategy, overlap },
    access,
    {
      own: span(own),
      all: span({ begin: 0, end: COUNT }),
      others: span({ begin: 0, end: own.begin }, { begin: own.end, end: COUNT }),
    },
    {
      random: new Random(seedOf(BigInt(agent))),
      sequence: { next: () => number++ },
      seed: seedOf(8n),
    },
  );
}

/** The share of objects of the agent's own part. */
function ownShare(selection: PathSelection, agent: number, agents: number): number {
  const { begin, end } = partition(COUNT, agent, agents);
  let own = 0;
  for (let n = 0; n < DRAWS; n++) {
    const object = selection.next()?.object ?? -1;
    if (object >= begin && object < end) own++;
  }
  return own / DRAWS;
}

describe('PathSelection', () => {
  it.each([
    ['random', 0.25],
    ['exclusive', 1],
    // Of the 30 % that overlap, a quarter are of its own part by chance.
    ['partitioned', 0.7 + 0.3 / 4],
    ['weighted', 0.7],
  ] as const)(
    'chooses %s: each of four agents finds %d of its objects in its own part',
    (strategy, share) => {
      for (const agent of [0, 1, 3]) {
        expect(ownShare(selectionOf(strategy, agent, 4), agent, 4)).toBeCloseTo(share, 1);
      }
    },
  );

  it('follows the overlap', () => {
    const uniform = { type: 'uniform' } as const;
    expect(ownShare(selectionOf('weighted', 1, 4, uniform, 0.9), 1, 4)).toBeCloseTo(0.1, 1);
    expect(ownShare(selectionOf('weighted', 1, 4, uniform, 0), 1, 4)).toBe(1);
    expect(ownShare(selectionOf('partitioned', 1, 4, uniform, 1), 1, 4)).toBeCloseTo(0.25, 1);
  });

  it.each(['sequential', 'shuffled'] as const)(
    'deals %s by the parts of the agents, whatever the strategy: together they take each object once',
    (type) => {
      const taken = [0, 1, 2].flatMap((agent) => {
        const selection = selectionOf('random', agent, 3, { type });
        return Array.from({ length: selection.count }, () => selection.next()?.object);
      });
      expect(new Set(taken).size).toBe(COUNT);
      expect(taken).toHaveLength(COUNT);
    },
  );

  it('lets a single agent take all, whatever the strategy', () => {
    for (const strategy of ['random', 'exclusive', 'partitioned', 'weighted'] as const) {
      const selection = selectionOf(strategy, 0, 1);
      expect(selection.count).toBe(COUNT);
      expect(ownShare(selection, 0, 1)).toBe(1);
    }
  });

  it('lets an agent without a part of its own take any', () => {
    const agents = 3 * COUNT;
    for (const strategy of ['exclusive', 'partitioned', 'weighted'] as const) {
      expect(selectionOf(strategy, 0, agents).next()?.total).toBe(COUNT);
    }
  });
});
