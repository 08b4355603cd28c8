import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from '@sai3bench/workload-config';
import { configHash, dataSeedOf, newRunId } from './run-identity.ts';

const base = `
target: s3://b/x/
concurrency: 4
prepare: {ensure_objects: [{count: 10, size_spec: 4KiB}]}
workload: [{op: get, path: "*", weight: 1}]
`;
const parse = (yaml: string) => parseWorkload(yaml, 'w.yaml');

describe('configHash()', () => {
  it('is the same for files that differ only in form', () => {
    const other = `
workload:
  - weight: 1
    path: '*'
    op: get
prepare:
  ensure_objects:
    - {size_spec: 4096, count: "10"}
concurrency: 4 # threads
target: "s3://b/x"
`;
    expect(configHash(parse(other))).toBe(configHash(parse(base)));
  });

  it('is another for files that mean something else', () => {
    const other = base.replace('concurrency: 4', 'concurrency: 5');
    expect(configHash(parse(other))).not.toBe(configHash(parse(base)));
  });
});

describe('dataSeedOf()', () => {
  it('depends on what defines the dataset, and on nothing else', () => {
    const seed = dataSeedOf(parse(base));
    expect(dataSeedOf(parse(base.replace('concurrency: 4', 'concurrency: 5')))).toBe(seed);
    expect(dataSeedOf(parse(base.replace('count: 10', 'count: 20')))).toBe(seed);
    expect(dataSeedOf(parse(base.replace('4KiB', '8KiB')))).not.toBe(seed);
    expect(dataSeedOf(parse(base.replace('s3://b/x/', 's3://b/y/')))).not.toBe(seed);
    expect(seed).toMatch(/^\d+$/);
  });
});

describe('newRunId()', () => {
  it('is another every time', () => {
    expect(new Set(Array.from({ length: 100 }, newRunId)).size).toBe(100);
  });
});
