import { describe, expect, it } from '@jest/globals';
import { parseWorkload } from './parse-workload.ts';

const notesOf = (yaml: string): readonly string[] => parseWorkload(yaml, 'w.yaml').notes;
const LIST = 'workload: [{op: list, path: x/, weight: 1}]';

describe('notes on a workload', () => {
  it('name keys that have no effect', () => {
    const yaml = `target: s3://b/\n${LIST}\ndistributed: {tree_creation_mode: isolated, partition_overlap: 10%}`;
    expect(notesOf(yaml)).toEqual([
      'distributed.tree_creation_mode has no effect without a directory tree',
      'distributed.partition_overlap has no effect with path_selection: random; partitioned and weighted use it',
    ]);
  });

  it('name keys that have no effect on a tree', () => {
    const prepare =
      'prepare: {key_prefix_shards: 16, directory_structure: {width: 2, depth: 2}, ensure_objects: [{}]}';
    const yaml = `target: s3://b/\n${LIST}\n${prepare}\ndistributed: {tree_creation_mode: isolated}`;
    expect(notesOf(yaml)).toEqual([
      'distributed.tree_creation_mode has no effect: every agent makes its share of the directories',
      'prepare.directory_structure has no files: files_per_dir is 0',
      'prepare.key_prefix_shards has no effect on a directory tree, only on what put makes',
    ]);
  });

  it.each([
    ['transport: sdk, payload: crc32c', ['s3.payload has no effect with transport: sdk']],
    [
      'transport: sdk, keep_alive: false, idle_timeout: 5s, local_address: 10.0.0.1, multipart: {}',
      [
        's3.keep_alive, s3.local_address, s3.idle_timeout, s3.multipart have no effect with transport: sdk',
      ],
    ],
    ['transport: sdk, region: r, addressing: path, payload: unsigned, tls: {insecure: true}', []],
    ['payload: crc32c, idle_timeout: 5s', []],
  ])('name what the SDK knows nothing of: {%s}', (keys, notes) => {
    expect(notesOf(`target: s3://b/\n${LIST}\ns3: {${keys}}`)).toEqual(notes);
  });

  it.each([
    ['file:///x/', 'multipart: {}', ['s3 has no effect: no address is one of S3']],
    [
      's3://b/',
      'multipart: {part_size: 8MiB}',
      ['s3.multipart has no effect: no object that is written is larger than its threshold, 5 GiB'],
    ],
    ['s3://b/', 'multipart: {threshold: 1MiB}', []],
    ['s3://b/', 'payload: signed', []],
  ])('name what of s3 has no effect on %s: {%s}', (target, keys, notes) => {
    const put = 'workload: [{op: put, path: x/, object_size: 2MiB, weight: 1}]';
    expect(notesOf(`target: ${target}\n${put}\ns3: {${keys}}`)).toEqual(notes);
  });

  it('say what to write instead of the old names of sizes', () => {
    const yaml = `target: s3://b/\n${LIST}\nprepare: {ensure_objects: [{count: 1, min_size: 5}, {count: 1, base_uri: a, max_size: 7, size_spec: 3}]}`;
    expect(notesOf(yaml)).toEqual([
      'prepare.ensure_objects[0].min_size and max_size are old names: write size_spec: {type: uniform, min: 5, max: 1048576}',
      'prepare.ensure_objects[1].min_size and max_size have no effect beside size_spec',
    ]);
  });

  it.each([
    ['file:///x/', 'count: 100_001', ['file:///x/a/ will have 100,001 entries in one directory']],
    ['file:///x/', 'count: 100_000', []],
    ['s3://b/', 'count: 10_000_000', []],
  ])('point out crowded directories: %s, %s', (target, count, notes) => {
    const yaml = `target: ${target}\n${LIST}\nprepare: {ensure_objects: [{base_uri: a/, ${count}}]}`;
    expect(notesOf(yaml)).toEqual(notes.map((note) => expect.stringContaining(note)));
  });

  it('count the entries of shards and of pools that share a directory', () => {
    const both = 'workload: [{op: get, path: "*", weight: 1}, {op: delete, path: "*", weight: 1}]';
    const entries = 'ensure_objects: [{count: 60_000}]';
    const noted = (shards: string): number =>
      notesOf(`target: file:///x/\n${both}\nprepare: {${shards}${entries}}`).length;
    expect([noted(''), noted('key_prefix_shards: 16, ')]).toEqual([1, 0]);
    expect(
      notesOf(
        `target: file:///x/\n${LIST}\nprepare: {directory_structure: {width: 1, depth: 1, files_per_dir: 100_001}, ensure_objects: [{}]}`,
      ),
    ).toEqual([expect.stringContaining('directories of the tree in file:///x/ will have 100,001')]);
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
