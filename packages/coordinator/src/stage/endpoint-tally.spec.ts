import { describe, expect, it } from '@jest/globals';
import type { PlainEndpointProgress } from '@sai3bench/barrier-protocol';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import fc from 'fast-check';
import { EndpointTally } from './endpoint-tally.ts';
import { describeTurn } from './endpoint-turns.ts';

const WORKLOAD = parseWorkload(
  `
multi_endpoint: {endpoints: [s3://a:1/b/, s3://b:1/b/, s3://c:1/b/]}
workload: [{op: put, path: x/, object_size: 1, weight: 1}]
`,
  'w.yaml',
);

function plansOf(agents: number, workload = WORKLOAD) {
  return Array.from({ length: agents }, (_, agentIndex) =>
    planAgent(workload, {
      ...{ agentId: `agent-${String(agentIndex + 1)}`, agentIndex, agentCount: agents },
      ...{ entry: undefined, runId: 'r', dataSeed: '1' },
    }),
  );
}

const news = (
  endpoint: number,
  more: Partial<PlainEndpointProgress> = {},
): PlainEndpointProgress => ({
  ...{ endpoint, requests: 0, errors: 0, bytesRead: 0, bytesWritten: 0, latencySumNs: 0 },
  ...{ inFlight: 0, isOut: false, outMs: 0, ...more },
});

describe('EndpointTally', () => {
  it('adds up by address what all agents report, since the start and lately', () => {
    const tally = new EndpointTally(plansOf(2));
    const report = { requests: 10, errors: 1, bytesRead: 100, bytesWritten: 1, latencySumNs: 9e6 };
    tally.add('agent-1', { endpoints: [news(1, { ...report, inFlight: 3 })] });
    tally.add('agent-2', { endpoints: [news(1, { ...report, inFlight: 4 })] });
    const once = { requests: 10, errors: 1, bytes: 101, latencySumNs: 9e6 };
    const twice = { requests: 20, errors: 2, bytes: 202, latencySumNs: 18e6 };
    expect(tally.view()[1]).toMatchObject({
      ...{ address: 's3://b:1/b/', total: twice, latest: twice, inFlight: 7 },
    });
    // Nothing new of an endpoint: no request lately, and as many under way as before.
    tally.add('agent-1', { endpoints: [] });
    expect(tally.view()[1]).toMatchObject({ total: twice, latest: once, inFlight: 7 });
    tally.agentEnded('agent-2');
    expect(tally.view()[1]).toMatchObject({ total: twice, latest: { requests: 0 }, inFlight: 3 });
  });

  it('never loses or adds anything, in whatever order agents report', () => {
    const report = fc.tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.uniqueArray(fc.nat(2), { maxLength: 3 }),
      fc.nat(1000),
    );
    fc.assert(
      fc.property(fc.array(report), (reports) => {
        const tally = new EndpointTally(plansOf(3));
        const last = new Map<number, number>();
        for (const [agent, endpoints, requests] of reports) {
          tally.add(`agent-${String(agent)}`, {
            endpoints: endpoints.map((endpoint) => news(endpoint, { requests })),
          });
          last.set(agent, endpoints.length * requests);
        }
        const sum = (values: Iterable<number>): number =>
          [...values].reduce((all, each) => all + each, 0);
        const view = tally.view();
        expect(sum(view.map(({ total }) => total.requests))).toBe(
          sum(reports.map(([, endpoints, requests]) => endpoints.length * requests)),
        );
        expect(sum(view.map(({ latest }) => latest.requests))).toBe(sum(last.values()));
      }),
    );
  });

  it('tells once when an endpoint goes out, and once when it is back everywhere', () => {
    const tally = new EndpointTally(plansOf(2));
    const say = (agentId: string, isOut: boolean, outMs: number): string[] =>
      tally.add(agentId, { endpoints: [news(0, { isOut, outMs })] }).map(describeTurn);
    expect(say('agent-2', true, 100)).toEqual([
      's3://a:1/b/ fails: agent-2 sends requests to the other endpoints until it answers again',
    ]);
    expect(say('agent-1', true, 50)).toEqual([]);
    expect(tally.view()[0]).toMatchObject({ agentsOut: 2, outMs: 100 });
    expect(say('agent-2', false, 1100)).toEqual([]);
    expect(say('agent-1', false, 2050)).toEqual([
      's3://a:1/b/ answers again: its circuit breaker kept it out for 2.05s of this stage',
    ]);
    expect(say('agent-1', false, 2050)).toEqual([]);
    expect(say('agent-1', false, 2250)).toEqual([
      's3://a:1/b/ failed for a moment and answers again: its circuit breaker kept it out for 2.25s of this stage',
    ]);
  });

  it('has nothing to show where there is no choice between endpoints', () => {
    const single = parseWorkload(
      'target: "null:"\nworkload: [{op: put, path: x/, object_size: 1, weight: 1}]',
      'w.yaml',
    );
    const tally = new EndpointTally(plansOf(2, single));
    expect(tally.add('agent-1', { endpoints: [news(0, { requests: 1 })] })).toEqual([]);
    expect(tally.view()).toEqual([]);
  });
});
