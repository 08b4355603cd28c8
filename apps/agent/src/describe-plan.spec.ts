import { describe, expect, it } from '@jest/globals';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { layOutThreads } from '@sai3bench/workload-engine';
import { describePlan } from './describe-plan.ts';

const PUT = 'workload: [{op: put, path: x/, object_size: 4KiB, weight: 1}]';

function linesOf(yaml: string, workers = 2): string[] {
  const plan = planAgent(parseWorkload(`${yaml}\n${PUT}`, 'w.yaml'), {
    agentId: 'agent-1',
    agentIndex: 0,
    agentCount: 1,
    entry: undefined,
    runId: 'run',
    dataSeed: '1',
  });
  return describePlan(plan, layOutThreads(plan, { workers, reason: 'as chosen' }));
}

describe('the description of a plan', () => {
  it('says how many worker threads share the operations in flight, and why so many', () => {
    const at = (concurrency: number): string | undefined =>
      linesOf(`target: "null:"\nconcurrency: ${String(concurrency)}`).find((line) =>
        line.startsWith('Worker'),
      );
    expect(at(32)).toBe('Worker threads: 2 with 16 operations in flight each (as chosen)');
    expect(at(33)).toBe('Worker threads: 2 with 16 or 17 operations in flight each (as chosen)');
  });

  it('names a store by its endpoints, and how one of them is chosen', () => {
    const storeOf = (yaml: string): string | undefined =>
      linesOf(yaml).find((line) => line.startsWith('Store'));
    const two = 'endpoints: [s3://a:1/b/, s3://c:1/b/]';
    expect(storeOf('target: s3://a:1/b/')).toBe('Store 1: s3://a:1/b/');
    expect(storeOf(`multi_endpoint: {${two}, strategy: latency_aware}`)).toBe(
      'Store 1: s3://a:1/b/, s3://c:1/b/ (latency_aware)',
    );
    expect(storeOf(`multi_endpoint: {${two}, namespace: separate}`)).toBe(
      'Store 1: s3://a:1/b/, s3://c:1/b/ (each object at one of them)',
    );
  });

  it('does not name a thousand endpoints', () => {
    const endpoints = Array.from({ length: 1024 }, (_, port) => `s3://a:${String(port + 1)}/b/`);
    const store = linesOf(`multi_endpoint: {endpoints: [${endpoints.join(', ')}]}`)[2] ?? '';
    expect(store).toContain('s3://a:16/b/, and 1,008 more (round_robin)');
  });
});
