import { describe, expect, it } from '@jest/globals';
import { allocateObjectStates, type ObjectState, ObjectStates } from '@sai3bench/metadata-cache';
import type { StageKind } from '@sai3bench/workload-config/plan';
import { expectsObjects, unmadeObjects } from './unmade-objects.ts';

function pool(
  name: 'prepared' | 'deletable',
  ...states: ObjectState[]
): Parameters<typeof unmadeObjects>[1][number] {
  const own = new ObjectStates(allocateObjectStates(states.length), states.length);
  for (const [index, state] of states.entries()) own.set(index, state);
  return { objects: { plan: { name, prefix: 'data/' } }, states: own };
}

describe('objects that were not made', () => {
  it('are none when all were made or found, whatever was deleted since', () => {
    const whole = pool('prepared', 'created', 'found', 'deleted');
    expect(unmadeObjects('check', [whole, pool('deletable')])).toBeUndefined();
  });

  it('are told by pool, with what is known of them', () => {
    const error = unmadeObjects('check', [
      pool('prepared', 'created', 'failed', 'creating', 'planned'),
      pool('deletable', 'unknown', 'unknown'),
      pool('prepared', 'created'),
    ]);
    expect(error).toMatchObject({
      ...{ code: 'VALIDATION_FAILED', class: 'not-found' },
      message:
        'stage check misses objects that this agent was to make before: ' +
        '3 of 4 data/prepared-* (1 failed, 1 perhaps made, 1 not made); ' +
        '2 of 2 data/deletable-* (2 never looked for)',
    });
  });

  it.each<[boolean, StageKind[]]>([
    [false, ['validation']],
    [true, ['prepare', 'validation']],
    [true, ['validation', 'prepare', 'execute', 'custom', 'validation']],
    [false, ['prepare', 'cleanup', 'validation']],
    [true, ['prepare', 'cleanup', 'prepare', 'validation']],
    [false, ['validation', 'prepare']],
  ])('are missed: %s, in the validation stage of %j', (expected, kinds) => {
    const stages = kinds.map((kind) => ({ name: kind, kind })) as Parameters<
      typeof expectsObjects
    >[0]['stages'];
    expect(expectsObjects({ stages }, kinds.lastIndexOf('validation'))).toBe(expected);
  });
});
