import { describe, expect, it } from '@jest/globals';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { layOutThreads } from '@sai3bench/workload-engine';
import { describeLength, describePlan } from './describe-plan.ts';

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

  it.each([
    ['target: s3://a:1/b/', 'S3: payloads unsigned'],
    ['target: s3://a:1/b/\ns3: {payload: crc32c}', 'S3: payloads with a CRC-32C behind them'],
    ['target: s3://a:1/b/\ns3: {transport: sdk}', 'S3: through the AWS SDK'],
    ['target: "null:"\ns3: {payload: signed}', undefined],
  ])('says how payloads are protected on their way to S3 (%s)', (yaml, expected) => {
    expect(linesOf(yaml).find((line) => line.startsWith('S3'))).toBe(expected);
  });

  it('does not name a thousand endpoints', () => {
    const endpoints = Array.from({ length: 1024 }, (_, port) => `s3://a:${String(port + 1)}/b/`);
    const store = linesOf(`multi_endpoint: {endpoints: [${endpoints.join(', ')}]}`)[2] ?? '';
    expect(store).toContain('s3://a:16/b/, and 1,008 more (round_robin)');
  });
});

function preparesOf(prepare: string, agentCount = 1): string[] {
  const plan = planAgent(parseWorkload(`target: s3://b/\nprepare: {${prepare}}`, 'w.yaml'), {
    agentId: 'agent-1',
    agentIndex: 0,
    agentCount,
    entry: undefined,
    runId: 'run',
    dataSeed: '7',
  });
  const layout = layOutThreads(plan, { workers: 2, reason: 'as chosen' });
  return describePlan(plan, layout).filter((line) => line.startsWith('Prepare'));
}

const FILL = 'fill random, dedup 1, compress 1';

describe('the description of what is prepared', () => {
  it.each([
    [
      'ensure_objects: [{base_uri: d/, count: 1000, size_spec: 4KiB}]',
      '1,000 objects as d/prepared-*.dat, 4 KiB',
    ],
    [
      'key_prefix_shards: 256, ensure_objects: [{count: 1, size_spec: {type: uniform, min: 1, max: 2}}]',
      '1 objects as */prepared-*.dat (256 shards), 1 B to 2 B (uniform)',
    ],
    [
      'directory_structure: {width: 24, depth: 2, files_per_dir: 193}, ensure_objects: [{base_uri: t, size_spec: {type: weighted, buckets: [{size: 10, weight: 1}, {size: 20, weight: 1}]}}]',
      '111,168 objects as t/file_*.dat in a tree (width 24, depth 2, 193 files in each directory of the last level), 15 B on average, at most 20 B (2 weighted sizes)',
    ],
  ])('says what {%s} makes', (prepare, what) => {
    expect(preparesOf(prepare)).toEqual([`Prepare: ${what}, ${FILL}`]);
  });

  it('says which part of a shared set the agent makes', () => {
    expect(preparesOf('ensure_objects: [{count: 10, size_spec: 1}]', 2)).toEqual([
      `Prepare: objects 0 to 4 of 10 as prepared-*.dat, 1 B, ${FILL}`,
    ]);
  });
});

describe('the length of a stage', () => {
  it.each([
    [{}, 'until its tasks are done'],
    [{ durationMs: 5000 }, 'for 5s'],
    [{ durationMs: 5000, operations: 1200 }, 'for 5s, or until 1,200 operations are done'],
    [{ command: { program: 'sh', args: ['-c', 'sync'] } }, 'until it ends: sh -c sync'],
  ])('of %j is %s', (stage, words) => {
    expect(describeLength(stage)).toBe(words);
  });
});
