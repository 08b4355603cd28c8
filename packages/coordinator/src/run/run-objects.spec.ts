import { describe, expect, it } from '@jest/globals';
import type { PlainPoolKnowledge } from '@sai3bench/barrier-protocol';
import { fakeRuns, WORKLOAD, PREPARE } from '../testing/fake-runs.ts';

const run = fakeRuns();

describe('coordinateRun() and the objects of a dataset', () => {
  const known = (begin: number, end: number): PlainPoolKnowledge => ({
    identity: 'x',
    own: { begin: 0, end: 5 },
    known: [{ begin, end, generation: 7, sequence: 1 }],
    unfinished: false,
  });

  it('hands the newest knowledge to the agents that own the objects now', async () => {
    const { fakes, outcome } = await run({
      behaviors: [
        {
          ...{ knowledge: [known(0, 10)], states: Uint8Array.of(1, 2, 3) },
          ...{ doubtful: ['created'], madeSince: '2026-01-01T00:00:00.000Z' },
        },
        { knowledge: [{ ...known(0, 0), own: { begin: 5, end: 10 }, known: [] }] },
      ],
    });
    expect(outcome.kind).toBe('completed');
    expect(fakes[0]?.taken).toEqual([]);
    expect(fakes[1]?.taken).toMatchObject([
      {
        identity: 'x',
        begin: 5n,
        end: 10n,
        generation: 7n,
        states: Uint8Array.of(1, 2, 3),
        doubtful: ['created'],
        madeSince: '2026-01-01T00:00:00.000Z',
      },
    ]);
  });

  it('adds up what the agents found before prepare', async () => {
    const behavior = { objects: { existing: 3, missing: 2 } };
    const { events } = await run({ behaviors: [behavior, behavior] });
    expect(events).toContain('objectsFound: {"existing":6,"missing":4}');
  });

  it('tells all agents how the parts of all of them are', async () => {
    const whole = { identity: 'x', isOurs: true, isWhole: true };
    const { fakes } = await run({
      behaviors: [
        { conditions: [whole, { ...whole, identity: 'y' }, { ...whole, identity: 'z' }] },
        {
          conditions: [
            { ...whole, isOurs: false },
            { ...whole, identity: 'y', isWhole: false },
          ],
        },
      ],
    });
    for (const { conditions } of fakes) {
      expect(conditions[0]).toEqual([
        { ...whole, isOurs: false },
        { ...whole, identity: 'y', isWhole: false },
        { ...whole, identity: 'z' },
      ]);
    }
  });

  const FORCED = WORKLOAD.replace('prepare: {', 'prepare: {force_overwrite: true, ');

  it.each([
    ['begins anew when the file says so', { workload: FORCED }, true, []],
    ['keeps what is there otherwise', {}, false, []],
  ])('%s', async (_, setup, startsOver, goesOnWith) => {
    const { fakes } = await run({ ...setup, behaviors: [{}] });
    expect(fakes[0]?.startsOver[PREPARE]).toBe(startsOver);
    expect(fakes[0]?.goesOnWith[PREPARE]).toEqual(goesOnWith);
  });

  it.each([
    ['goes on with those that were interrupted though the file says so', {}, ['y']],
    ['begins all anew when the user says so', { startOver: true }, []],
  ])('%s', async (_, setup, goesOnWith) => {
    const { fakes } = await run({
      ...{ workload: FORCED, ...setup },
      behaviors: [
        { knowledge: [known(0, 5), { ...known(0, 5), identity: 'y', unfinished: true }] },
        { knowledge: [known(0, 0)] },
      ],
    });
    for (const fake of fakes) {
      expect(fake.startsOver[PREPARE]).toBe(true);
      expect(fake.goesOnWith[PREPARE]).toEqual(goesOnWith);
    }
  });
});
