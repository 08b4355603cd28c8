import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from '../parse-workload.ts';
import { planAgent } from './plan-agent.ts';
import { type PlanPlace, planPlaces } from './plan-places.ts';

/** What is done where, in short: `0 data/: read write`. */
function placesOf(yaml: string, overrides = {}): string[] {
  const plan = planAgent(parseWorkload(yaml, 'w.yaml', undefined, overrides), {
    ...{ agentId: 'agent-1', agentIndex: 0, agentCount: 1, entry: undefined },
    ...{ runId: 'run', dataSeed: '7' },
  });
  return planPlaces(plan).map(describePlace);
}

function describePlace({ directory, store, ...uses }: PlanPlace): string {
  const done = Object.entries(uses).flatMap(([use, is]) => (is ? [use] : []));
  return `${String(store)} ${directory}: ${done.join(' ')}`;
}

const MIXED = `
target: s3://b/
duration: 1s
prepare: {cleanup: true, ensure_objects: [{base_uri: data/, count: 10}]}
workload:
  - {op: get, path: data/, weight: 1}
  - {op: put, path: new/, object_size: 1, weight: 1}
`;

describe('planPlaces()', () => {
  it('names every directory once, with all that is done there', () => {
    expect(placesOf(MIXED)).toEqual(['0 data/: read write remove', '0 new/: write remove']);
  });

  it('asks a run that only reads for nothing but to read and to list', () => {
    const get = 'duration: 1s\nworkload: [{op: get, path: "data/x-*", weight: 1}]';
    expect(placesOf(`target: file:///mnt/x/\n${get}`)).toEqual(['0 data/: read list']);
  });

  it('takes the directory of a single object', () => {
    const get = 'duration: 1s\nworkload: [{op: get, path: "data/one.bin", weight: 1}]';
    expect(placesOf(`target: file:///mnt/x/\n${get}`)).toEqual(['0 data/: read']);
  });

  it('finds the stores beside the target', () => {
    const put = '{op: put, path: "file:///mnt/y/new/", object_size: 1, weight: 1}';
    expect(placesOf(`target: file:///mnt/x/\nduration: 1s\nworkload: [${put}]`)).toEqual([
      '1 : write',
    ]);
  });

  it('asks only to remove for a run that only cleans up', () => {
    expect(placesOf(MIXED, { cleanupOnly: true })).toEqual(['0 data/: remove', '0 new/: remove']);
  });

  it('asks a run that verifies for no right to write', () => {
    expect(placesOf(MIXED, { verifyOnly: true })).toEqual(['0 data/: read']);
  });
});
