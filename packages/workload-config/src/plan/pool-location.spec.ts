import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from '../parse-workload.ts';
import type { PoolPlan } from './agent-plan.ts';
import { planAgent } from './plan-agent.ts';

/** What a pool's objects depend on, by its base_uri. */
type Sources = ReadonlyMap<string, Pick<PoolPlan, 'location' | 'seed'>>;

function sourcesOf(yaml: string, agentIndex = 0): Sources {
  const workload = parseWorkload(yaml, 'w.yaml');
  const entry = workload.agents[agentIndex];
  const { pools } = planAgent(workload, {
    agentId: entry?.id ?? `agent-${String(agentIndex + 1)}`,
    ...{ agentIndex, agentCount: Math.max(1, workload.agents.length), entry },
    ...{ runId: 'run', dataSeed: '7' },
  });
  return new Map(
    pools.map(({ location, name, prefix, seed }) => [
      `${prefix.replace(/^x\//, '')}${name}`,
      { location, seed },
    ]),
  );
}

const A = '{base_uri: a/, count: 10, size_spec: 4KiB}';
const B = '{base_uri: b/, count: 10, size_spec: 4KiB}';
const fileOf = (target: string, ...sets: string[]): string =>
  `target: ${target}\nprepare: {ensure_objects: [${sets.join(', ')}]}`;

describe('the sizes and contents of a set', () => {
  const alone = sourcesOf(fileOf('s3://bucket/x/', A)).get('a/prepared');

  it.each([
    ['beside another set', fileOf('s3://bucket/x/', A, B)],
    ['in another order', fileOf('s3://bucket/x/', B, A)],
    ['beside one of another size', fileOf('s3://bucket/x/', A, B.replace('4KiB', '1MiB'))],
    ['on another host', fileOf('s3://10.9.0.21:9000/bucket/x/', A)],
    ['with another address of the same place', fileOf('s3://bucket/', A.replace('a/', 'x/a/'))],
    [
      'on several endpoints',
      fileOf('s3://bucket/', A).replace(
        'target: s3://bucket/',
        'multi_endpoint: {endpoints: [s3://h1:9000/bucket/x/, s3://h2:9000/bucket/x/]}',
      ),
    ],
  ])('are the same %s', (_, yaml) => {
    expect(sourcesOf(yaml).get('a/prepared')).toEqual(alone);
  });

  it('are others in another place, and for another set at it', () => {
    const seeds = [
      sourcesOf(fileOf('s3://bucket/y/', A)).get('a/prepared'),
      sourcesOf(fileOf('s3://other/x/', A)).get('a/prepared'),
      ...sourcesOf(fileOf('s3://bucket/x/', A, B)).values(),
      sourcesOf(
        `${fileOf('s3://bucket/x/', A)}\nworkload: [{op: get, path: a/, weight: 1}, {op: delete, path: a/, weight: 1}]`,
      ).get('a/deletable'),
    ].map((source) => source?.seed);
    expect(seeds).not.toContain(undefined);
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  it('are the same for all agents that share it, whichever mounts and endpoints they have', () => {
    const yaml = `${fileOf('file:///mnt/a/', A)}
distributed:
  shared_filesystem: true
  agents: [{address: h1}, {address: h2, target_override: file:///mnt/b/}]
`;
    expect(sourcesOf(yaml, 1)).toEqual(sourcesOf(yaml, 0));
    const mounts = (order: string): string =>
      `multi_endpoint: {endpoints: [${order}]}\nprepare: {ensure_objects: [${A}]}`;
    expect(sourcesOf(mounts('file:///mnt/a/, file:///mnt/b/'))).toEqual(
      sourcesOf(mounts('file:///mnt/b/, file:///mnt/a/')),
    );
  });

  it('are others for each agent that has storage of its own', () => {
    const yaml = `${fileOf('file:///mnt/a/', A)}
distributed: {shared_filesystem: false, agents: [{address: h1}, {address: h2}]}
`;
    const [one, two] = [0, 1].map((agent) => [...sourcesOf(yaml, agent).values()][0]);
    expect(one?.seed).not.toBe(two?.seed);
  });
});
