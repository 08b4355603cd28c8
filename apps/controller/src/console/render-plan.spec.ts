import { describe, expect, it } from '@jest/globals';
import { parseWorkload, planAgent, type WorkloadOverrides } from '@sai3bench/workload-config';
import { renderAgents, renderConfigCheck, SHOWN_AGENTS } from './render-plan.ts';

const MIXED = `
target: file:///data/
duration: 5s
prepare: {ensure_objects: [{base_uri: a/, count: 10}]}
workload:
  - {op: get, path: a/, weight: 3}
  - {op: stat, path: a/, weight: 1}
`;

/** Puts objects beside those of an earlier run, and removes its own. */
const PUTS = `
target: file:///data/
prepare: {ensure_objects: [{base_uri: a/, count: 10}]}
workload: [{op: put, path: new/, object_size: 1, weight: 1}]
distributed: {stages: [{name: put, type: execute}, {name: wipe, type: cleanup}]}
`;

function mixLines(overrides: WorkloadOverrides): string[] {
  const workload = parseWorkload(MIXED, 'w.yaml', undefined, overrides);
  return renderConfigCheck(workload, []).filter((line) => line.includes('Operations:'));
}

describe('what is said of a workload file before a run', () => {
  it('has the operations that the run will do, with their shares', () => {
    expect(mixLines({})).toEqual(['  Operations: get a/ 75.0%, stat a/ 25.0%']);
  });

  it('says which part of objects is read', () => {
    const text = `
target: s3://b/
prepare: {ensure_objects: [{count: 10}]}
workload:
  - {op: get, path: "prepared-*", range: {size: 64KiB}, weight: 1}
  - {op: get, path: "prepared-*", range: {size: 100, offset: start}, weight: 1}
`;
    const lines = renderConfigCheck(parseWorkload(text, 'w.yaml'), []);
    expect(lines).toContain(
      '  Operations: get 64 KiB of prepared-* 50.0%, get the first 100 B of prepared-* 50.0%',
    );
  });

  it('has what ends each stage, and what programs are run', () => {
    const text = `
target: s3://b/
workload: [{op: list, path: a/, weight: 1}]
distributed:
  stages:
    - {name: both, type: hybrid, max_duration: 1m, expected_tasks: 500}
    - {name: drop, type: custom, command: sh, args: ["-c", "sync"]}
    - {name: run, type: execute, duration: 5s}
`;
    expect(renderConfigCheck(parseWorkload(text, 'w.yaml'), [])).toContain(
      '  Stages: both (hybrid, 1m 00s, 500 operations) -> drop (custom, sh -c sync) -> run (execute, 5s)',
    );
  });

  it('has no operations of the mix where the run does none of them', () => {
    expect(mixLines({ verifyOnly: true })).toEqual([]);
    expect(mixLines({ cleanupOnly: true })).toEqual([]);
  });

  it('speaks of what earlier runs have made only where a run does nothing but clean up', () => {
    const linesOf = (overrides: WorkloadOverrides): string => {
      const workload = parseWorkload(PUTS, 'w.yaml', undefined, overrides);
      const identity = { agentId: 'a', agentIndex: 0, agentCount: 1, entry: undefined };
      const plan = planAgent(workload, { ...identity, runId: 'r', dataSeed: '1' });
      return renderConfigCheck(workload, [plan]).join('\n');
    };
    expect(linesOf({ cleanupOnly: true })).toContain('have made of 10 prepared objects');
    expect(linesOf({})).not.toContain('earlier runs');
  });
});

describe('renderAgents()', () => {
  const agents = (count: number, textOf: (number: number) => string) =>
    Array.from({ length: count }, (_, index) => ({
      name: `agent-${String(index + 1)}`,
      text: textOf(index + 1),
    }));

  it('has a line for each of a few agents', () => {
    expect(renderAgents(agents(SHOWN_AGENTS, () => 'same'))).toHaveLength(SHOWN_AGENTS);
  });

  it('has one line of many agents for all of which the same is to be told', () => {
    const lines = renderAgents(agents(1000, (number) => (number === 17 ? 'old' : 'new')));
    expect(lines).toEqual(['agent-1 and 998 other agents: new', 'agent-17: old']);
  });
});
