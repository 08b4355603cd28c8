import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from '../parse-workload.ts';
import { planAgent } from './plan-agent.ts';
import type { AgentPlan } from './agent-plan.ts';

const TREE = 'directory_structure: {width: 3, depth: 2, files_per_dir: 5}';

function planOf(mix: string, more = '', tree = TREE): AgentPlan {
  const prepare =
    tree === ''
      ? 'prepare: {ensure_objects: [{base_uri: tree/, count: 9}]}'
      : `prepare: {${tree}, ensure_objects: [{base_uri: tree/}]}`;
  const target = /target|endpoint/.test(more) ? '' : 'target: file:///data/\n';
  const yaml = `${target}${prepare}\nworkload: [${mix}]\n${more}`;
  return planAgent(parseWorkload(yaml, 'test.yaml'), {
    agentId: 'agent-1',
    agentIndex: 0,
    agentCount: 1,
    entry: undefined,
    runId: 'testrun',
    dataSeed: '1',
  });
}

const MKDIR = '{op: mkdir, path: tree/, weight: 1}';
const RMDIR = '{op: rmdir, path: tree/, weight: 1}';
const REMOVE_ALL = '{op: rmdir, path: tree/, weight: 1, recursive: true}';
const GET = '{op: get, path: tree/, weight: 1}';

describe('operations on directories', () => {
  it('make and remove directories like those of a tree', () => {
    expect(planOf(`${MKDIR}, ${RMDIR}`).operations).toEqual([
      { op: 'mkdir', weight: 1, store: 0, trees: [0] },
      { op: 'rmdir', weight: 1, store: 0, trees: [0], files: [] },
    ]);
  });

  it('remove prepared files only with recursive, and those made for deletion where others are read', () => {
    expect(planOf(REMOVE_ALL).operations).toMatchObject([{ trees: [0], files: [0] }]);
    const { operations, pools } = planOf(`${REMOVE_ALL}, ${GET}`);
    expect(pools.map(({ prefix }) => prefix)).toEqual(['tree/', 'tree/deletable/']);
    expect(operations).toMatchObject([{ trees: [0], files: [1] }, { source: { pools: [0] } }]);
  });

  it.each([
    [MKDIR, 'target: s3://b/', 'mkdir works on directories, which S3 does not have'],
    [`${MKDIR}, {op: rmdir, path: other/, weight: 1}`, '', 'makes one at file:///data/other/'],
    [RMDIR, '', 'rmdir would have nothing to remove: add a mkdir with the same path'],
    [
      `${REMOVE_ALL}, {op: delete, path: tree/, weight: 1}`,
      '',
      'files that a delete of the workload is about to delete',
    ],
    [
      REMOVE_ALL,
      'multi_endpoint: {endpoints: [file:///a/, file:///b/], namespace: separate}',
      'cannot remove them together: remove recursive',
    ],
    [
      REMOVE_ALL,
      'distributed: {stages: [{name: a, order: 1, type: execute}]}',
      'rmdir works on objects that this run has prepared, but there are none yet',
    ],
  ])('are refused where they could not work: %s %s', (mix, more, message) => {
    expect(() => planOf(mix, more)).toThrow(message);
  });

  it('are refused without a tree', () => {
    expect(() => planOf(MKDIR, '', '')).toThrow('mkdir needs prepare.directory_structure');
  });

  it('are refused where paths would get too long', () => {
    const deep = 'directory_structure: {width: 1, depth: 190}';
    expect(() => planOf(MKDIR, '', deep)).toThrow('paths would get up to 4,');
  });
});
