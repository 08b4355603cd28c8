import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from '@sai3bench/workload-config';
import { configHash, newRunId } from './run-identity.ts';

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

describe('newRunId()', () => {
  it('is another every time', () => {
    expect(new Set(Array.from({ length: 100 }, newRunId)).size).toBe(100);
  });
});
