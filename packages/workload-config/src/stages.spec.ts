import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from './parse-workload.ts';
import { planAgent } from './plan/plan-agent.ts';
import { storeNeeds } from './plan/plan-needs.ts';
import type { Workload } from './workload/workload.ts';

/** The stages of a file whose `distributed` says this. */
function stagesOf(distributed: string): Workload['stages'] {
  const text = `target: file:///x/
prepare: {ensure_objects: [{count: 1}]}
workload: [{op: list, path: x, weight: 1}]
distributed: ${distributed}
`;
  return parseWorkload(text, 'w.yaml').stages;
}

const TWO = '[{name: fill, type: prepare}, {name: run, type: execute, barrier: {type: majority}}]';

describe('the barrier after a stage', () => {
  it('is all_or_nothing where nothing says otherwise', () => {
    const [fill] = stagesOf(`{stages: ${TWO}}`);
    expect(fill?.barrier).toEqual({
      type: 'all_or_nothing',
      heartbeatIntervalMs: 30_000,
      missedThreshold: 3,
      queryTimeoutMs: 10_000,
      queryRetries: 2,
      agentBarrierTimeoutMs: 120_000,
    });
  });

  it('follows the block of its type, and before that its own', () => {
    const sync = '{prepare: {type: best_effort}, execute: {type: best_effort}}';
    const stages = stagesOf(`{barrier_sync: ${sync}, stages: ${TWO}}`);
    expect(stages.map(({ barrier }) => barrier.type)).toEqual(['best_effort', 'majority']);
  });

  it('takes nothing from the defaults where a block says how it is', () => {
    const sync = '{default_heartbeat_interval: 1s, default_missed_threshold: 9}';
    const stages = stagesOf(`{barrier_sync: ${sync}, stages: ${TWO}}`);
    expect(stages.map(({ barrier }) => barrier)).toMatchObject([
      { heartbeatIntervalMs: 1000, missedThreshold: 9 },
      { heartbeatIntervalMs: 30_000, missedThreshold: 3 },
    ]);
  });
});

describe('a stage', () => {
  it('has what its type needs', () => {
    const stages = stagesOf(`{stages: [
      {name: fill, type: prepare, expected_objects: "1,000"},
      {name: run, type: execute, duration: 5s, completion: duration_or_tasks},
      {name: both, type: hybrid, max_duration: 1m, expected_tasks: 500},
      {name: drop, type: custom, command: sh, args: ["-c", "sync; sleep 1"]},
      {name: wipe, type: cleanup, expected_objects: 0}]}`);
    expect(
      stages.map(({ command, completion, durationMs, expectedTasks }) => ({
        ...{ command, completion, durationMs, expectedTasks },
      })),
    ).toEqual([
      { completion: 'tasks_done', expectedTasks: 1000 },
      { completion: 'duration_or_tasks', durationMs: 5000 },
      { completion: 'duration_or_tasks', durationMs: 60_000, expectedTasks: 500 },
      { completion: 'script_exit', command: { program: 'sh', args: ['-c', 'sync; sleep 1'] } },
      { completion: 'tasks_done', expectedTasks: 0 },
    ]);
  });

  it('follows the execute block of barrier_sync when it is hybrid or custom', () => {
    const two = '[{name: a, type: hybrid}, {name: b, type: custom, command: sync}]';
    const stages = stagesOf(`{barrier_sync: {execute: {type: best_effort}}, stages: ${two}}`);
    expect(stages.map(({ barrier }) => barrier.type)).toEqual(['best_effort', 'best_effort']);
  });

  it('lasts as long as the top-level duration where a hybrid one does not say', () => {
    const [hybrid] = stagesOf('{stages: [{name: a, type: hybrid}]}');
    expect(hybrid).toMatchObject({ durationMs: 60_000, expectedTasks: undefined });
  });

  it('is one that the run cannot do without, unless it is optional', () => {
    const two = '[{name: a, type: prepare}, {name: b, type: prepare, optional: true}]';
    expect(stagesOf(`{stages: ${two}}`).map(({ optional }) => optional)).toEqual([false, true]);
  });
});

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
