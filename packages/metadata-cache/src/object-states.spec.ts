import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OBJECT_STATES, type ObjectState } from './object-state.ts';
import { allocateObjectStates, ObjectStates } from './object-states.ts';

function make(count: number): ObjectStates {
  return new ObjectStates(allocateObjectStates(count), count);
}

describe('ObjectStates', () => {
  it('begin as planned and take half a byte each', () => {
    const states = make(1000);
    expect(states.countOf('planned')).toBe(1000);
    expect(allocateObjectStates(64_000_000).byteLength).toBe(32_000_000);
  });

  it('behave like an array of states', () => {
    const change = fc.tuple(fc.nat(99), fc.constantFrom(...OBJECT_STATES));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
        const states = make(100);
        const model = new Array<ObjectState>(100).fill('planned');
        for (const [index, state] of changes) {
          states.set(index, state);
          model[index] = state;
        }
        expect(model.map((_, index) => states.get(index))).toEqual(model);
        for (const state of OBJECT_STATES) {
          expect(states.countOf(state)).toBe(model.filter((each) => each === state).length);
          for (const from of [0, 7, 8, 63, 99]) {
            const next = model.indexOf(state, from);
            expect(states.nextIn(state, from)).toBe(next < 0 ? 100 : next);
          }
        }
      }),
    );
  });

  it('keep the changes of threads that work on neighbouring objects', async () => {
    const count = 8_000;
    const memory = allocateObjectStates(count);
    const source = new URL('object-states.ts', import.meta.url).href;
    const work = `
      const { workerData } = require('node:worker_threads');
      import(workerData.source).then(({ ObjectStates }) => {
        const states = new ObjectStates(workerData.memory, workerData.count);
        for (let index = workerData.first; index < workerData.count; index += 4) {
          states.set(index, 'creating');
          states.set(index, 'created');
        }
      });`;
    await Promise.all(
      [0, 1, 2, 3].map(
        (first) =>
          new Promise((resolve, reject) => {
            new Worker(work, { eval: true, workerData: { source, memory, count, first } })
              .once('exit', resolve)
              .once('error', reject);
          }),
      ),
    );
    expect(new ObjectStates(memory, count).countOf('created')).toBe(count);
  });
});
