import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from './parse-workload.ts';
import { planAgent } from './plan/plan-agent.ts';
import { storeNeeds } from './plan/plan-needs.ts';

const MIXED = `
target: s3://127.0.0.1:9000/bucket/
duration: 5s
prepare: {cleanup: true, ensure_objects: [{base_uri: a/, count: 10, size_spec: 100}]}
workload:
  - {op: get, path: a/, weight: 1}
  - {op: delete, path: a/, weight: 1}
`;

describe('a workload that is only verified', () => {
  const workload = parseWorkload(MIXED, 'w.yaml', undefined, { verifyOnly: true });
  const identity = { agentId: 'a', agentIndex: 0, agentCount: 1, entry: undefined };
  const plan = planAgent(workload, { ...identity, runId: 'r', dataSeed: '1' });

  it('has a check and a verify stage in place of its own', () => {
    expect(workload.stages.map(({ kind }) => kind)).toEqual(['validation', 'verify']);
  });

  it('has the pools that the mix makes necessary, and needs to read them only', () => {
    expect(plan.pools.map(({ name }) => name)).toEqual(['prepared', 'deletable']);
    expect(storeNeeds(plan)).toEqual([
      { read: true, write: false, list: false, remove: false, prepareBytes: 0 },
    ]);
  });

  it('is refused when it prepares nothing', () => {
    const text = 'target: file:///x/\nduration: 1s\nworkload: [{op: list, path: a/, weight: 1}]\n';
    expect(() => parseWorkload(text, 'w.yaml', undefined, { verifyOnly: true })).toThrow(
      'w.yaml has no prepared objects that could be verified',
    );
  });

  it.each([
    'target: "null:"\nprepare: {ensure_objects: [{count: 1}]}',
    'target: file:///x/\nprepare: {ensure_objects: [{base_uri: "null://", count: 1}]}',
    `target: file:///x/
distributed:
  shared_filesystem: false
  agents: [{address: "h:1"}, {address: "h:2", target_override: "null:"}]
prepare: {ensure_objects: [{count: 1}]}`,
  ])('is refused where null:// is to have kept the objects: %j', (text) => {
    expect(() => parseWorkload(text, 'w.yaml')).not.toThrow();
    expect(() => parseWorkload(text, 'w.yaml', undefined, { verifyOnly: true })).toThrow(
      'w.yaml prepares objects on null://, which keeps none that could be verified',
    );
  });
});
