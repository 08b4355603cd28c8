import { describe, expect, it } from '@jest/globals';
import { maxSizeBytes, meanSizeBytes, type SizeDistribution } from '@sai3bench/datagen';
import { BenchError } from '@sai3bench/errors';
import fc from 'fast-check';
import { csvFields } from './csv-fields.ts';
import type { SizeFile } from './size-file.ts';
import { sizeFileReader } from './size-file-reader.ts';

function read(type: SizeFile['type'], text: string, column?: string | number): SizeDistribution {
  const reader = sizeFileReader({ type, file: 'f.csv', column });
  for (const line of text.split('\n')) reader.add(line);
  return reader.finish();
}

const weighted = (...buckets: (readonly [number, number, number])[]): SizeDistribution => ({
  type: 'weighted',
  buckets: buckets.map(([minBytes, maxBytes, upTo]) => ({ minBytes, maxBytes, upTo })),
});

describe('a histogram', () => {
  it.each([
    ['size,count\n4KiB,600\n64KiB,200\n\n# large ones\n1MiB,200', [4096, 65_536, 1_048_576]],
    ['4096,3\n65536,1\n1048576;1', [4096, 65_536, 1_048_576]],
    ['4KiB\t3\n64KiB\t1\n1MiB\t1', [4096, 65_536, 1_048_576]],
    ['\uFEFFWeight;x;"Size"\n3;a;4 KiB\n1;b;"65,536"\n1;c;1MiB', [4096, 65_536, 1_048_576]],
  ])('has sizes with weights: %j', (text, [small = 0, middle = 0, large = 0]) => {
    expect(read('histogram', text)).toEqual(
      weighted([small, small, 0.6], [middle, middle, 0.8], [large, large, 1]),
    );
  });

  it.each([
    'min,max,objects\n1,10,1\n11,20,1',
    '1,10,1\n11,20,1',
    'max,min,count\n10,1,1\n20,11,1',
  ])('has ranges of sizes: %j', (text) => {
    expect(read('histogram', text)).toEqual(weighted([1, 10, 0.5], [11, 20, 1]));
  });

  it.each([
    ['1,2\n3,x', 'f.csv:2: "x" is not a number of objects'],
    ['1,2\n\nbig,1', 'f.csv:3: "big" is not a size in bytes'],
    ['5,1,2', 'f.csv:1: the smallest size of a range must not exceed its largest'],
    ['bytes,count\n1,2', 'f.csv:1: the columns bytes, count do not say'],
    ['1', 'f.csv:1: a line has 1 column, not two or three'],
    ['1,2\n3', 'f.csv:2: "" is not a number of objects'],
    ['1,0', 'f.csv:1: there are no sizes with a weight above 0'],
    ['', 'f.csv:1: there are no sizes'],
    ['1,1\n'.repeat(10_001), 'f.csv:10001: there are more than 10000 ranges'],
  ])('says where %j is wrong', (text, message) => {
    expect(() => read('histogram', text)).toThrow(
      expect.objectContaining({ code: 'SIZES_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

describe('an inventory', () => {
  const LINES = '"bucket","a, b","4096"\n"bucket","c","4096"\n"bucket","d",""\n"bucket","e","10"';

  it.each([
    ['4096\n4096\n10', undefined],
    [LINES, 3],
    [`Bucket,Key,Size\n${LINES}`, undefined],
    [`bucket,key,bytes\n${LINES}`, 'Bytes'],
  ])('has a size in each line: %j, column %j', (text, column) => {
    const sizes = read('inventory', text, column);
    expect(maxSizeBytes(sizes)).toBe(4096);
    expect(meanSizeBytes(sizes)).toBeCloseTo((4096 * 2 + 10) / 3);
  });

  it.each([
    ['a,1\nb,2', undefined, 'f.csv:1: none of the columns a, 1 is called "size"'],
    ['a,1\nb,2', 'length', 'f.csv:1: none of the columns a, 1 is called "length"'],
    ['a,1\nb,x', 2, 'f.csv:2: "x" is not a size in bytes'],
    ['a,1\nb', 2, 'f.csv:2: there is no column 2'],
    ['size', undefined, 'f.csv:1: there are no sizes'],
    ['1e99', undefined, 'f.csv:1: "1e99" is not a size in bytes'],
  ])('says where %j with column %j is wrong', (text, column, message) => {
    expect(() => read('inventory', text, column)).toThrow(
      expect.objectContaining({ code: 'SIZES_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

describe('csvFields()', () => {
  it('reads back what was written with quotes', () => {
    const field = fc.string().map((text) => text.trim());
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), (fields) => {
        const line = fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(',');
        expect(csvFields(line)).toEqual(fields);
      }),
    );
  });
});

describe('sizeFileReader()', () => {
  it('answers any text with sizes or with the line that is wrong, never with a crash', () => {
    const type = fc.constantFrom('histogram' as const, 'inventory' as const);
    const piece = fc.constantFrom('1', '4KiB', ',', ';', '"', 'size', 'count', '\n', 'x', '');
    fc.assert(
      fc.property(type, fc.array(piece), (of, pieces) => {
        try {
          read(of, pieces.join(''));
        } catch (error) {
          expect(BenchError.from(error)).toMatchObject({
            code: 'SIZES_INVALID',
            message: expect.stringMatching(/^f\.csv:\d+: /),
          });
        }
      }),
    );
  });
});
