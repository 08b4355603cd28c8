import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from '../parse-workload.ts';
import type { AgentPlan } from './agent-plan.ts';
import { parseAgentPlan } from './parse-plan.ts';
import { planAgent } from './plan-agent.ts';
import { storeNeeds } from './plan-needs.ts';

function plansOf(text: string, agentCount?: number): AgentPlan[] {
  const workload = parseWorkload(text, 'w.yaml');
  const count = agentCount ?? Math.max(1, workload.agents.length);
  return Array.from({ length: count }, (_, agentIndex) => {
    const entry = workload.agents[agentIndex];
    return planAgent(workload, {
      agentId: entry?.id ?? `agent-${String(agentIndex + 1)}`,
      agentIndex,
      agentCount: count,
      entry,
      runId: 'run',
      dataSeed: '7',
    });
  });
}

const onlyPlan = (text: string): AgentPlan => {
  const [plan] = plansOf(text, 1);
  if (plan === undefined) throw new Error('no plan');
  return plan;
};

const MIX = `
prepare:
  ensure_objects: [{base_uri: data/, count: 1000, size_spec: 4096}]
workload:
  - {op: get, path: "data/prepared-*.dat", weight: 3}
  - {op: put, path: new, object_size: 100, weight: 1}
`;

describe('planAgent()', () => {
  it('gives every agent a contiguous part of a shared dataset', () => {
    const plans = plansOf(`target: s3://b/x/\n${MIX}`, 3);
    expect(plans.map(({ pools }) => pools[0]?.own)).toEqual([
      { begin: 0, end: 333 },
      { begin: 333, end: 666 },
      { begin: 666, end: 1000 },
    ]);
    expect(plans.every(({ pools }) => pools[0]?.count === 1000)).toBe(true);
  });

  it('lists where a pattern names only some of the prepared objects', () => {
    const some = (pattern: string): unknown =>
      onlyPlan(`target: s3://b/\n${MIX.replace('prepared-*.dat', pattern)}`).operations[0];
    for (const pattern of ['prepared-*0.dat', 'prepared-0000*.dat', 'prepared-9*']) {
      expect(some(pattern)).toMatchObject({ source: { type: 'listing', pattern } });
    }
    for (const pattern of ['prepared-*', '*', 'pre*ed-*.dat']) {
      expect(some(pattern)).toMatchObject({ source: { type: 'pools', pools: [0] } });
    }
  });

  it('says whether files are flushed', () => {
    expect(onlyPlan(`target: file:///x/\n${MIX}`).fsync).toBe(false);
    expect(onlyPlan(`target: file:///x/\nfsync: true\n${MIX}`).fsync).toBe(true);
  });

  it('gives every agent a whole dataset in a folder of its own when storage is not shared', () => {
    const plans = plansOf(`target: file:///x/\n${MIX}`, 2);
    expect(plans.map(({ pools }) => [pools[0]?.prefix, pools[0]?.own.end])).toEqual([
      ['agent-1/data/', 1000],
      ['agent-2/data/', 1000],
    ]);
    expect(plans[1]?.operations[1]).toMatchObject({ op: 'put', prefix: 'agent-2/new/' });
  });

  it('follows shared_filesystem where the file says it', () => {
    const shared = plansOf(`target: file:///x/\n${MIX}\ndistributed: {shared_filesystem: true}`, 2);
    expect(shared[1]?.pools[0]).toMatchObject({ prefix: 'data/', own: { begin: 500, end: 1000 } });
    const separate = plansOf(`target: s3://b/\n${MIX}\ndistributed: {shared_filesystem: false}`, 2);
    expect(separate[1]?.pools[0]).toMatchObject({ prefix: 'agent-2/data/', own: { end: 1000 } });
  });

  it('takes keys from the plan where a path names prepared objects, else from a listing', () => {
    const plan = onlyPlan(`
target: s3://b/x/
prepare:
  ensure_objects:
    - {base_uri: data/, count: 10}
    - {base_uri: "s3://b/x/more/", count: 10}
workload:
  - {op: get, path: "data/prepared-*.dat", weight: 1}
  - {op: get, path: "data/*", weight: 1}
  - {op: get, path: "s3://b/x/more/", weight: 1}
  - {op: stat, path: "*/prepared-*", weight: 1}
  - {op: get, path: "other/*.bin", weight: 1}
  - {op: get, path: "data/one.bin", weight: 1}
  - {op: get, path: "s3://else/y/z-*", weight: 1}
`);
    expect(plan.operations.map((operation) => 'source' in operation && operation.source)).toEqual([
      { type: 'pools', pools: [0] },
      { type: 'pools', pools: [0] },
      { type: 'pools', pools: [1] },
      { type: 'pools', pools: [0, 1] },
      { type: 'listing', store: 0, prefix: 'other/', pattern: '*.bin' },
      { type: 'key', store: 0, key: 'data/one.bin' },
      { type: 'listing', store: 1, prefix: 'y/', pattern: 'z-*' },
    ]);
    expect(plan.stores[1]?.endpoints).toEqual(['s3://else/']);
  });

  it('makes a pool for deletion when the mix both deletes and reads', () => {
    const plan = onlyPlan(`
target: s3://b/
prepare: {ensure_objects: [{count: 10}]}
workload:
  - {op: get, path: "prepared-*.dat", weight: 1}
  - {op: delete, path: "prepared-*.dat", weight: 1}
`);
    expect(plan.pools.map(({ name }) => name)).toEqual(['prepared', 'deletable']);
    expect(plan.operations).toMatchObject([
      { op: 'get', source: { pools: [0] } },
      { op: 'delete', source: { pools: [1] } },
    ]);
  });

  it('deletes from the prepared pool when nothing reads it', () => {
    const plan = onlyPlan(`
target: s3://b/
prepare: {ensure_objects: [{count: 10}]}
workload: [{op: delete, path: "*", weight: 1}]
`);
    expect(plan.pools.map(({ name }) => name)).toEqual(['prepared']);
    expect(plan.operations).toMatchObject([{ source: { type: 'pools', pools: [0] } }]);
  });

  it('joins paths to endpoints, below the target where it lies below one of them', () => {
    const endpoints =
      'multi_endpoint: {endpoints: ["s3://10.0.0.1/b/", "s3://10.0.0.2/b/"]}\nworkload: [{op: list, path: l/, weight: 1}]';
    expect(onlyPlan(endpoints).operations).toMatchObject([{ store: 0, prefix: 'l/' }]);
    expect(onlyPlan(`target: s3://10.0.0.1/b/x/\n${endpoints}`).operations).toMatchObject([
      { store: 0, prefix: 'x/l/' },
    ]);
    expect(onlyPlan(`target: s3://b/\n${endpoints}`).operations).toMatchObject([
      { store: 0, prefix: 'l/' },
    ]);
  });

  it('puts every set of a tree at its own place, deletable files in a tree of their own', () => {
    const plan = onlyPlan(`
target: s3://b/x/
prepare:
  directory_structure: {width: 3, depth: 2, files_per_dir: 4}
  ensure_objects: [{base_uri: data/}, {base_uri: "s3://b/x/more/"}]
workload:
  - {op: get, path: "data/*", weight: 1}
  - {op: delete, path: "more/", weight: 1}
`);
    expect(plan.pools.map(({ count, name, prefix }) => [name, prefix, count])).toEqual([
      ['prepared', 'data/', 36],
      ['deletable', 'data/deletable/', 36],
      ['prepared', 'more/', 36],
      ['deletable', 'more/deletable/', 36],
    ]);
    expect(plan.operations).toMatchObject([
      { op: 'get', source: { pools: [0] } },
      { op: 'delete', source: { pools: [3] } },
    ]);
  });

  it('joins a relative base_uri to the target also below several endpoints', () => {
    for (const namespace of ['shared', 'separate']) {
      const plan = onlyPlan(`
target: s3://10.0.0.2/b/x/
multi_endpoint: {namespace: ${namespace}, endpoints: ["s3://10.0.0.1/b/", "s3://10.0.0.2/b/"]}
prepare: {ensure_objects: [{base_uri: data/, count: 1}, {base_uri: "s3://10.0.0.1/b/x/more/", count: 1}]}
`);
      expect(plan.pools.map(({ prefix, store }) => [store, prefix])).toEqual([
        [0, 'x/data/'],
        [0, 'x/more/'],
      ]);
    }
  });

  it('spreads prepared objects and those that are put over the same shards', () => {
    const plan = onlyPlan(`
target: s3://b/
prepare: {key_prefix_shards: 256, ensure_objects: [{count: 10}]}
workload: [{op: put, path: new/, object_size: 1, weight: 1}]
`);
    expect(plan.pools[0]?.naming).toEqual({ type: 'flat', shards: 256 });
    expect(plan.operations[0]).toMatchObject({ prefix: 'new/', shards: 256 });
  });

  it('lets an agent override target, endpoints and concurrency', () => {
    const plans = plansOf(`
target: s3://b/
workload: [{op: list, path: l/, weight: 1}]
distributed:
  agents:
    - {address: "h1:1"}
    - {address: "h2:1", id: second, target_override: "s3://c/", concurrency_override: 4}
    - {address: "h3:1", multi_endpoint: {endpoints: ["s3://d/"], strategy: least_connections}}
`);
    expect(plans.map(({ stores }) => stores[0]?.endpoints)).toEqual([
      ['s3://b/'],
      ['s3://c/'],
      ['s3://d/'],
    ]);
    expect(plans.map(({ concurrency }) => concurrency)).toEqual([16, 4, 16]);
    expect(plans[1]?.agentId).toBe('second');
  });

  it('says which object comes next, with the defaults of words', () => {
    const access = (written: string): unknown =>
      onlyPlan(`
target: s3://b/
prepare: {ensure_objects: [{count: 10}]}
workload: [{op: get, path: "prepared-*", weight: 1, access: ${written}}]
`).operations[0];
    expect(access('uniform')).toMatchObject({ access: { type: 'uniform' } });
    expect(access('{type: sequential}')).toMatchObject({ access: { type: 'sequential' } });
    expect(access('zipf')).toMatchObject({ access: { type: 'zipf', theta: 0.99 } });
    expect(access('{type: pareto, h: 0.1}')).toMatchObject({ access: { type: 'pareto', h: 0.1 } });
    expect(access('{type: hotspot, objects: 10%, share: 0.9}')).toMatchObject({
      access: { type: 'hotspot', objects: 0.1, share: 0.9 },
    });
  });

  it('says which part of each object is read', () => {
    const { operations } = onlyPlan(`
target: s3://b/
prepare: {ensure_objects: [{count: 10}]}
workload:
  - {op: get, path: "prepared-*", weight: 1, range: {size: 64KiB}}
  - {op: get, path: other/, weight: 1, range: {size: 1000, offset: start}}
  - {op: get, path: "prepared-*", weight: 1}
`);
    expect(operations.map((each) => ('range' in each ? each.range : undefined))).toEqual([
      { sizeBytes: 65_536, offset: 'random' },
      { sizeBytes: 1_000, offset: 'start' },
      undefined,
    ]);
  });

  it('lets reads take what the workload puts where their path matches it', () => {
    const plan = onlyPlan(`
target: s3://b/
dynamic_put_pool: true
prepare: {ensure_objects: [{base_uri: data/, count: 10}]}
workload:
  - {op: put, path: data/, object_size: 1, weight: 1}
  - {op: put, path: data/new/, object_size: 1, weight: 1}
  - {op: get, path: "data/*", weight: 1}
  - {op: get, path: "data/prepared-*", weight: 1}
  - {op: stat, path: "data/", weight: 1}
  - {op: get, path: "data/new/obj_*", weight: 1}
  - {op: list, path: data/, weight: 1}
`);
    expect(plan.operations.map((operation) => 'puts' in operation && operation.puts)).toEqual([
      ...[false, false],
      ...[[0], [], [0, 1], [1]],
      false,
    ]);
  });

  it('does not let reads take what the workload puts unless it is told to', () => {
    const mix =
      'workload: [{op: put, path: x/, object_size: 1, weight: 1}, {op: get, path: x/, weight: 1}]';
    expect(onlyPlan(`target: s3://b/\n${mix}`).operations[1]).toMatchObject({ puts: [] });
  });

  it('reads from what is made for deletions only by a path that means nothing else', () => {
    const plan = onlyPlan(`
target: s3://b/
prepare: {ensure_objects: [{count: 10}]}
workload:
  - {op: get, path: "*", weight: 1}
  - {op: get, path: "deletable-*", weight: 1}
  - {op: delete, path: "prepared-*", weight: 1}
`);
    expect(plan.operations).toMatchObject([
      { source: { pools: [0] } },
      { source: { pools: [1] } },
      { source: { pools: [1] }, access: { type: 'sequential' } },
    ]);
  });

  it('gives every agent its place among those that share the storage', () => {
    const shares = (target: string): unknown =>
      plansOf(`target: ${target}\n${MIX}\ndistributed: {path_selection: weighted}`, 3).map(
        ({ pathSelection, share }) => [pathSelection, share],
      );
    const selection = { strategy: 'weighted', overlap: 0.3 };
    expect(shares('s3://b/')).toEqual([0, 1, 2].map((index) => [selection, { index, count: 3 }]));
    expect(shares('file:///x/')).toEqual([0, 1, 2].map(() => [selection, { index: 0, count: 1 }]));
  });

  it('makes plans that survive the wire', () => {
    const [plan] = plansOf(`target: s3://b/x/\n${MIX}`, 2);
    expect(parseAgentPlan(JSON.stringify(plan))).toEqual(plan);
  });
});

describe('parseAgentPlan()', () => {
  it.each([
    ['not json', 'it is not JSON'],
    ['{}', 'planVersion'],
    ['[]', 'expected object'],
  ])('refuses %j', (json, why) => {
    expect(() => parseAgentPlan(json)).toThrow(
      expect.objectContaining({ code: 'PLAN_INVALID', message: expect.stringContaining(why) }),
    );
  });

  it('refuses a plan of another version', () => {
    const [plan] = plansOf(`target: s3://b/x/\n${MIX}`, 1);
    expect(() => parseAgentPlan(JSON.stringify({ ...plan, planVersion: 2 }))).toThrow(
      expect.objectContaining({ code: 'PLAN_INVALID' }),
    );
  });
});

describe('storeNeeds()', () => {
  it('asks only to read for a run that only reads', () => {
    const plan = onlyPlan('target: s3://b/\nworkload: [{op: get, path: "x/*", weight: 1}]');
    expect(storeNeeds(plan)).toEqual([
      { read: true, write: false, list: true, remove: false, prepareBytes: 0 },
    ]);
  });

  it('asks to write and remove for a run that prepares and cleans up', () => {
    const plan = onlyPlan(
      'target: s3://b/\nprepare: {cleanup: true, ensure_objects: [{count: 10, size_spec: 1000}]}',
    );
    expect(storeNeeds(plan)).toEqual([
      { read: false, write: true, list: false, remove: true, prepareBytes: 10_000 },
    ]);
  });
});
