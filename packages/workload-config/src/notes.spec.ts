import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from './parse-workload.ts';

const notesOf = (yaml: string): readonly string[] => parseWorkload(yaml, 'w.yaml').notes;
const LIST = 'workload: [{op: list, path: x/, weight: 1}]';

describe('notes on a workload', () => {
  it('name keys that have no effect', () => {
    const yaml = `target: s3://b/\n${LIST}\ndistributed: {tree_creation_mode: isolated, path_selection: random}`;
    expect(notesOf(yaml)).toEqual([
      'distributed.tree_creation_mode has no effect without a directory tree',
      'distributed.path_selection has no effect without a directory tree',
    ]);
  });

  it('name settings that others overrule', () => {
    const stages = 'distributed: {stages: [{name: a, order: 1, type: execute}]}';
    const prepare = 'prepare: {ensure_objects: [{count: 1}], cleanup: true}';
    expect(notesOf(`target: s3://b/\n${LIST}\n${prepare}\n${stages}`)).toEqual([
      expect.stringContaining('prepare.cleanup has no effect beside distributed.stages'),
    ]);
  });

  it('say that list knows no patterns', () => {
    const list = 'workload: [{op: list, path: "data/*", weight: 1}]';
    expect(notesOf(`target: s3://b/\n${list}`)).toEqual([
      expect.stringContaining('list works on prefixes'),
    ]);
  });

  it('point out a bucket that may have been meant as a host', () => {
    expect(notesOf(`target: s3://minio.example.com/b/\n${LIST}`)).toEqual([
      '"minio.example.com" in s3://minio.example.com/b/ is taken for a bucket: write s3+http:// or s3+https:// if it is a host',
    ]);
    expect(notesOf(`target: s3+http://minio.example.com/b/\n${LIST}`)).toEqual([]);
  });
});
