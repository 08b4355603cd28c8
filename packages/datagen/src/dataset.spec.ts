import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Dataset, type DatasetSpec } from './dataset.ts';
import { seedOf } from './seed.ts';

const spec: DatasetSpec = {
  name: 'prepared',
  prefix: 'data/',
  count: 64_000_000,
  sizes: { type: 'uniform', minBytes: 1, maxBytes: 1_000_000 },
  fill: 'random',
  dedupFactor: 1,
  compressFactor: 1,
  seed: seedOf(5n),
};

describe('Dataset', () => {
  it('names objects with eight digits, more when they are needed', () => {
    const dataset = new Dataset(spec);
    expect(dataset.keyOf(42)).toBe('data/prepared-00000042.dat');
    expect(dataset.keyOf(1_234_567_890)).toBe('data/prepared-1234567890.dat');
  });

  it('names the files of a tree below its prefix', () => {
    const naming = {
      type: 'tree',
      width: 2,
      depth: 1,
      filesPerDirectory: 1,
      distribution: 'bottom',
      mask: 'd%d_%d',
    } as const;
    expect(new Dataset({ ...spec, naming }).keyOf(1)).toBe('data/d1_2/file_00000001.dat');
  });

  it('computes any object on its own, in any order', () => {
    const [one, other] = [new Dataset(spec), new Dataset(spec)];
    other.sizeOf(7);
    fc.assert(
      fc.property(fc.nat(spec.count - 1), (index) => {
        expect(one.sizeOf(index)).toBe(other.sizeOf(index));
      }),
    );
  });

  it.each([1, 2, 5])('keeps sizes and content when it grows, with dedup_factor %d', (factor) => {
    for (const count of [1, 1_000, 64_000]) {
      const dataset = new Dataset({ ...spec, count, dedupFactor: factor });
      const grown = new Dataset({ ...spec, count: count * 3, dedupFactor: factor });
      expect(grown.sizeOf(count - 1)).toBe(dataset.sizeOf(count - 1));
      expect(grown.content).toEqual(dataset.content);
    }
  });

  it('gives pools of one run different sizes and content', () => {
    const prepared = new Dataset(spec);
    const deletable = new Dataset({ ...spec, name: 'deletable' });
    expect(deletable.content.seed).not.toEqual(prepared.content.seed);
    expect(Array.from({ length: 20 }, (_, index) => deletable.sizeOf(index))).not.toEqual(
      Array.from({ length: 20 }, (_, index) => prepared.sizeOf(index)),
    );
  });
});
