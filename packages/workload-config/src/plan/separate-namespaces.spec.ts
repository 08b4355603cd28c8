import { describe, expect, it } from '@jest/globals';
import { Dataset, seedOf } from '@sai3bench/datagen';
import { endpointOfKey } from '@sai3bench/multi-endpoint';
import fc from 'fast-check';
import { parseWorkload } from '../parse-workload.ts';
import { planAgent } from './plan-agent.ts';

/** Objects that an agent has for each endpoint, on average. */
const FAIR = 200;
/** Six standard deviations: a fair map goes beyond that less than once in a hundred million counts. */
const BOUND = 6 * Math.sqrt(FAIR);

/** How many of its own objects each of some agents has at each endpoint. */
function countsOf(agents: number, endpoints: number, directory: string): number[][] {
  const uris = Array.from({ length: endpoints }, (_, port) => `s3://h:${String(port + 1)}/b/`);
  const workload = parseWorkload(
    `
multi_endpoint: {namespace: separate, endpoints: [${uris.join(', ')}]}
prepare: {ensure_objects: [{base_uri: "${directory}/", count: ${String(agents * endpoints * FAIR)}, size_spec: 1}]}
`,
    'w.yaml',
  );
  return Array.from({ length: agents }, (_, agentIndex) => {
    const [pool] = planAgent(workload, {
      ...{ agentId: `agent-${String(agentIndex)}`, agentIndex, agentCount: agents },
      ...{ entry: undefined, runId: 'r', dataSeed: '1' },
    }).pools;
    const counts = new Array<number>(endpoints).fill(0);
    if (pool === undefined) return counts;
    const dataset = new Dataset({ ...pool, seed: seedOf(1n) });
    for (let index = pool.own.begin; index < pool.own.end; index++) {
      const endpoint = endpointOfKey(dataset.keyOf(index), endpoints);
      counts[endpoint] = (counts[endpoint] ?? 0) + 1;
    }
    return counts;
  });
}

describe('endpoints with separate namespaces', () => {
  it('all get their fair share of the objects of every agent', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 2, max: 16 }),
        fc.stringMatching(/^[a-z]{1,12}$/),
        (agents, endpoints, directory) => {
          for (const counts of countsOf(agents, endpoints, directory)) {
            for (const count of counts) expect(Math.abs(count - FAIR)).toBeLessThan(BOUND);
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  it('do so when there are as many of them as agents, or a multiple', () => {
    for (const agents of [2, 4, 8]) {
      for (const endpoints of [agents, agents * 2]) {
        for (const counts of countsOf(agents, endpoints, 'data')) {
          for (const count of counts) expect(Math.abs(count - FAIR)).toBeLessThan(BOUND);
        }
      }
    }
  });
});

describe('a plan', () => {
  it('may have 1024 endpoints, and no more', () => {
    const yaml = (count: number): string =>
      `multi_endpoint: {endpoints: [${Array.from({ length: count }, (_, port) => `s3://h:${String(port + 1)}/b/`).join(', ')}]}
workload: [{op: put, path: x/, object_size: 1, weight: 1}]`;
    const plan = planAgent(parseWorkload(yaml(1024), 'w.yaml'), {
      ...{ agentId: 'agent-1', agentIndex: 0, agentCount: 1 },
      ...{ entry: undefined, runId: 'r', dataSeed: '1' },
    });
    expect(plan.stores[0]?.endpoints).toHaveLength(1024);
    expect(() => parseWorkload(yaml(1025), 'w.yaml')).toThrow('1024');
  });
});
