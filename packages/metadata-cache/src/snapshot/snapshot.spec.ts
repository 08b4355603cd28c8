import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OBJECT_STATES, type ObjectState } from '../states/object-state.ts';
import { ObjectStates } from '../states/object-states.ts';
import { allocateObjectStates } from '../states/state-memory.ts';
import { chooseNewest, type KnownRange } from './known-range.ts';
import { decodeStates, encodedCount, encodeStates } from './state-codec.ts';
import { olderStates } from './older-states.ts';
import { EncodedSource, restoreStates } from './state-source.ts';

function make(count: number): ObjectStates {
  return new ObjectStates(allocateObjectStates(count), count);
}

const state = fc.constantFrom(...OBJECT_STATES);

describe('encodeStates()', () => {
  it('makes bytes that decodeStates() makes the same states of', () => {
    const fills = fc.array(fc.tuple(fc.nat(200_000), fc.nat(100_000), state), { maxLength: 6 });
    const part = fc.tuple(fc.nat(200_000), fc.nat(200_000));
    fc.assert(
      fc.property(
        fills,
        fc.array(fc.nat(199_999), { maxLength: 20 }),
        part,
        (runs, odd, [a, b]) => {
          const states = make(200_000);
          for (const [from, length, each] of runs) {
            states.fill(from, Math.min(from + length, states.count), each);
          }
          for (const index of odd) states.set(index, 'failed');
          const [begin, end] = [Math.min(a, b), Math.max(a, b)];
          const encoded = encodeStates(states, begin, end);
          expect(encodedCount(encoded)).toBe(end - begin);
          const decoded = make(200_000);
          decodeStates(encoded, decoded, 0, begin);
          expect(decoded.counts()).toEqual({
            ...states.counts(begin, end),
            unknown: states.countOf('unknown', begin, end) + 200_000 - (end - begin),
          });
          expect(encodeStates(decoded, begin, end)).toEqual(encoded);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('takes a few bytes for any number of objects in one state', () => {
    const states = make(10_000_000);
    states.fill(0, 10_000_000, 'created');
    expect(encodeStates(states).length).toBeLessThan(64);
  });
});

describe('decodeStates()', () => {
  it('refuses bytes that were cut or changed anywhere', () => {
    const states = make(1_000);
    states.set(500, 'created');
    const encoded = encodeStates(states);
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = encoded.slice();
        changed[at] = (changed[at] ?? 0) ^ change;
        const refusal = expect.objectContaining({ code: 'STATES_DAMAGED' }) as unknown;
        expect(() => encodedCount(changed)).toThrow(refusal);
        expect(() => encodedCount(encoded.subarray(0, at))).toThrow(refusal);
      }),
    );
  });

  it('takes a part, and marks it as changed', () => {
    const states = make(100_000);
    states.fill(70_000, 80_000, 'created');
    const target = make(20);
    decodeStates(encodeStates(states), target, 69_995, 5, 10);
    expect(target.countOf('created')).toBe(5);
    expect(target.nextIn('created', 0)).toBe(10);
  });
});

const known = fc
  .tuple(fc.nat(60), fc.integer({ min: 1, max: 40 }), fc.nat(2), fc.nat(2))
  .map(([begin, length, generation, sequence]): KnownRange => ({
    begin,
    end: begin + length,
    generation,
    sequence,
  }));

describe('chooseNewest()', () => {
  it('believes for every object the latest generation, then the highest sequence, then the first', () => {
    const sources = fc.array(fc.array(known, { maxLength: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(sources, fc.nat(50), fc.nat(50), (all, begin, length) => {
        const end = begin + length;
        const choices = chooseNewest(all, { begin, end });
        for (let index = 0; index < 110; index++) {
          const [best] = all
            .flatMap((ranges, source) => ranges.map((range) => ({ ...range, source })))
            .filter((range) => range.begin <= index && index < range.end)
            .sort(
              (a, b) =>
                b.generation - a.generation || b.sequence - a.sequence || a.source - b.source,
            );
          const isWanted = index >= begin && index < end;
          const found = choices.filter((choice) => choice.begin <= index && index < choice.end);
          expect(found.map(({ source }) => source)).toEqual(
            isWanted && best !== undefined ? [best.source] : [],
          );
        }
      }),
    );
  });
});

describe('restoreStates()', () => {
  it('takes each object from the newest source, and leaves what nobody knows', async () => {
    const source = (begin: number, end: number, generation: number, index: number) => {
      const states = make(end - begin);
      states.fill(0, states.count, OBJECT_STATES[index] ?? 'unknown');
      return new EncodedSource({ begin, end, generation, sequence: 0 }, encodeStates(states));
    };
    const states = make(100);
    states.fill(0, 100, 'planned');
    await restoreStates(states, 1_000, [
      source(990, 1_050, 1, 3),
      source(1_040, 1_060, 2, 5),
      source(1_045, 1_090, 1, 4),
    ]);
    expect(states.countOf('created', 0, 40)).toBe(40);
    expect(states.countOf('deleted', 40, 60)).toBe(20);
    expect(states.countOf('failed', 60, 90)).toBe(30);
    expect(states.countOf('planned', 90, 100)).toBe(10);
  });
});

describe('olderStates()', () => {
  const said = fc.record({
    range: known,
    states: fc.array(fc.constantFrom(...OBJECT_STATES), { minLength: 100, maxLength: 100 }),
  });
  const sourceOf = ({ range, states }: { range: KnownRange; states: readonly ObjectState[] }) => {
    const memory = make(100);
    for (const [index, each] of states.entries()) memory.set(index, each);
    return new EncodedSource(range, encodeStates(memory, range.begin, range.end));
  };

  it('knows of each object the newest that anybody has said of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(said, { maxLength: 5 }), async (all) => {
        const sources = all.map(sourceOf);
        const states = make(100);
        await restoreStates(states, 0, sources);
        const older = (await olderStates(states, 0, sources)) ?? states;
        for (let index = 0; index < 100; index++) {
          const [newest = 'unknown'] = all
            .filter(({ range }) => range.begin <= index && index < range.end)
            .sort(
              ({ range: a }, { range: b }) =>
                b.generation - a.generation || b.sequence - a.sequence,
            )
            .map((each) => each.states[index])
            .filter((each) => each !== 'unknown');
          expect(older.get(index)).toBe(newest);
        }
      }),
    );
  });

  it('asks nobody where nothing is unknown, or where there is but one to ask', async () => {
    const source = { ranges: [{ begin: 0, end: 100, generation: 1, sequence: 1 }] };
    const copyTo = (): Promise<void> => Promise.reject(new RangeError('it was asked'));
    const states = make(100);
    expect(await olderStates(states, 0, [{ ...source, copyTo }])).toBeUndefined();
    states.fill(0, 100, 'planned');
    const two = [
      { ...source, copyTo },
      { ...source, copyTo },
    ];
    expect(await olderStates(states, 0, two)).toBeUndefined();
  });
});
