import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseWorkload, sizeFilesOf } from './parse-workload.ts';

const MINIMAL = `
target: file:///mnt/x
workload:
  - {op: put, path: new/, object_size: 4096, weight: 1}
`;

function messagesOf(text: string): string[] {
  try {
    parseWorkload(text, 'w.yaml');
  } catch (error) {
    if (BenchError.is(error)) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('parseWorkload()', () => {
  it('lists also what else is wrong with an operation whose op is misspelt', () => {
    expect(messagesOf('workload: [{op: gett, wieght: 1, path: 5, access: x}]')).toEqual([
      expect.stringContaining('workload[0].weight is missing'),
      expect.stringContaining('not "gett": did you mean "get"?'),
      expect.stringContaining('unknown key "wieght" in workload[0]: did you mean "weight"?'),
      expect.stringContaining('workload[0].path must be text, not 5'),
      expect.stringContaining('workload[0].access must be one of'),
    ]);
  });

  it('lists what no operation may have where it cannot be told which is meant', () => {
    expect(messagesOf('workload: [{op: frobnicate, wieght: 1, recursive: 3, weight: -1}]')).toEqual(
      [
        expect.stringContaining('workload[0].op must be one of get,'),
        expect.stringContaining('unknown key "wieght" in workload[0]'),
        expect.stringContaining('workload[0].weight must not be negative'),
      ],
    );
  });

  it('refuses to clean up after a file that prepares nothing, rather than to run it', () => {
    expect(() => parseWorkload(MINIMAL, 'w.yaml', undefined, { cleanupOnly: true })).toThrow(
      'needs prepare.ensure_objects',
    );
  });

  it('says only once that a line is indented wrongly', () => {
    expect(messagesOf('a: 10s\n  b: 8\nc: 1')).toEqual([
      expect.stringContaining('w.yaml:1:4: not valid YAML: this fits nowhere: begin all keys'),
    ]);
  });

  it.each([
    ['lists', (levels: number) => '['.repeat(levels) + ']'.repeat(levels)],
    ['lists without an end', (levels: number) => '['.repeat(levels)],
    ['maps', (levels: number) => '{a: '.repeat(levels) + '}'.repeat(levels)],
  ])('refuses %s that are nested too deeply, in words of its own', (_, nested) => {
    expect(messagesOf(`a: ${nested(20_000)}`)).toContainEqual(
      expect.stringContaining('not valid YAML: this is nested too deeply: at most 100'),
    );
  });

  it('allows 100 levels, and says where there are more', () => {
    const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(messagesOf(`a: ${nested(99)}`).join()).not.toContain('too deeply');
    expect(messagesOf(`a: ${nested(100)}`)).toEqual([
      expect.stringContaining('w.yaml:1:103: not valid YAML: this is nested too deeply'),
    ]);
  });

  it('fills in the defaults', () => {
    expect(parseWorkload(MINIMAL, 'w.yaml')).toMatchObject({
      target: 'file:///mnt/x/',
      concurrency: 16,
      drainTimeoutMs: 10_000,
      fsync: false,
      agentReadyTimeoutMs: 120_000,
      reconnectGraceMs: 300_000,
      keepAlive: { intervalMs: 30_000, timeoutMs: 10_000 },
      operations: [
        {
          op: 'put',
          path: 'new/',
          weight: 1,
          sizes: { type: 'fixed', sizeBytes: 4096 },
          dedupFactor: 1,
          compressFactor: 1,
        },
      ],
      stages: [
        { name: 'preflight', kind: 'validation' },
        { name: 'execute', kind: 'execute', durationMs: 60_000 },
      ],
      stagesDerived: true,
    });
  });

  it('derives preflight, prepare, execute and cleanup when there are no stages', () => {
    const { stages } = parseWorkload(
      `${MINIMAL}\nprepare: {ensure_objects: [{count: 10}], cleanup: true}`,
      'w.yaml',
    );
    expect(stages.map(({ name, kind }) => [name, kind])).toEqual([
      ['preflight', 'validation'],
      ['prepare', 'prepare'],
      ['execute', 'execute'],
      ['cleanup', 'cleanup'],
    ]);
  });

  it('runs stages as they stand in the file when none has an order', () => {
    const { stages } = parseWorkload(
      `target: null://
workload: [{op: put, path: a/, object_size: 1, weight: 1}]
distributed: {stages: [{name: second, type: execute}, {name: first, type: execute}, {name: alone, type: cleanup}]}`,
      'w.yaml',
    );
    expect(stages.map(({ name }) => name)).toEqual(['second', 'first', 'alone']);
  });

  it('orders stages by their order, wherever they stand', () => {
    const { stages } = parseWorkload(
      `${MINIMAL}
prepare: {ensure_objects: [{count: 10}]}
distributed:
  agents: [{address: "10.0.0.1:7167"}]
  shared_filesystem: true
  tree_creation_mode: concurrent
  path_selection: random
  barrier_sync: {enabled: true, default_heartbeat_interval: 2m}
  stages:
    - {name: run, order: 30, type: execute, completion: duration, duration: 5s}
    - {name: check, order: 1, type: validation, completion: validation_passed}
    - {name: fill, order: 20, type: prepare, barrier: {type: all_or_nothing, missed_threshold: 1}}
`,
      'w.yaml',
    );
    expect(stages.map(({ name }) => name)).toEqual(['check', 'fill', 'run']);
    expect(stages[0]?.barrier.heartbeatIntervalMs).toBe(120_000);
    expect(stages[1]?.barrier).toMatchObject({ heartbeatIntervalMs: 30_000, missedThreshold: 1 });
    expect(stages[2]?.durationMs).toBe(5000);
  });

  it('accepts sizes, counts and durations in every spelling', () => {
    const workload = parseWorkload(
      `
target: s3://b/x/
duration: 1h 30m
drain_timeout: 500ms
prepare:
  ensure_objects:
    - {count: "64,000", size_distribution: {type: lognormal, mean: 8MiB, std_dev: 1MiB}, fill: prand}
    - {count: 1_000, base_uri: s3://b/y/, size_spec: 1MiB, fill: zero, dedup_factor: 4}
workload:
  - {op: get, path: "prepared-*.dat", weight: 70}
  - {op: put, path: "new", size_spec: {type: uniform, min: 1KiB, max: 2KiB}, weight: 30}
  - {op: list, path: "new/", weight: 0}
multi_endpoint: {strategy: LeastConnections, endpoints: ["s3://10.0.0.1/b/", "s3://10.0.0.2/b/"]}
`,
      'w.yaml',
    );
    expect(workload.stages.at(-1)?.durationMs).toBe(5_400_000);
    expect(workload.drainTimeoutMs).toBe(500);
    expect(workload.ensureObjects[0]).toMatchObject({
      count: 64_000,
      fill: 'random',
      sizes: { type: 'lognormal', meanBytes: 8 * 1024 ** 2, minBytes: 1 },
    });
    expect(workload.ensureObjects[1]).toMatchObject({ count: 1000, fill: 'zero', dedupFactor: 4 });
    expect(workload.multiEndpoint?.strategy).toBe('least_connections');
    expect(workload.operations).toHaveLength(2);
  });

  it('takes sizes from weighted buckets, and from files that somebody else has read', () => {
    const text = `
target: s3://b/
prepare:
  ensure_objects:
    - {count: 1, base_uri: a/, size_spec: {type: weighted, buckets: [{size: 1KiB, weight: 3}, {min: 1MiB, max: 2MiB, weight: 1}]}}
    - {count: 1, base_uri: b/, size_spec: {type: histogram, file: h.csv}}
workload:
  - {op: put, weight: 1, size_distribution: {type: inventory, file: i.csv.gz, column: Size}}
`;
    const files = sizeFilesOf(text);
    expect(files).toEqual([
      { type: 'histogram', file: 'h.csv', column: undefined },
      { type: 'inventory', file: 'i.csv.gz', column: 'Size' },
    ]);
    const workload = parseWorkload(text, 'w.yaml', ({ file }) => ({
      type: 'fixed',
      sizeBytes: file.length,
    }));
    expect(workload.ensureObjects.map(({ sizes }) => sizes)).toEqual([
      {
        type: 'weighted',
        buckets: [
          { minBytes: 1024, maxBytes: 1024, upTo: 0.75 },
          { minBytes: 1024 ** 2, maxBytes: 2 * 1024 ** 2, upTo: 1 },
        ],
      },
      { type: 'fixed', sizeBytes: 5 },
    ]);
    expect(workload.operations[0]).toMatchObject({ sizes: { sizeBytes: 8 } });
  });

  it('has no files of sizes to read where the workload itself cannot be read', () => {
    expect(['a: [', '', 'concurency: 4'].flatMap(sizeFilesOf)).toEqual([]);
  });

  it.each([
    ['min_size: 5, max_size: 9', { type: 'uniform', minBytes: 5, maxBytes: 9 }],
    ['min_size: 4KiB, max_size: 4096', { type: 'fixed', sizeBytes: 4096 }],
    ['min_size: 4096', { type: 'uniform', minBytes: 4096, maxBytes: 1_048_576 }],
    ['min_size: 5, max_size: 9, size_spec: 7', { type: 'fixed', sizeBytes: 7 }],
  ])('understands the old sizes %s', (keys, sizes) => {
    const text = `target: s3://b/\nprepare: {ensure_objects: [{count: 1, ${keys}}]}`;
    expect(parseWorkload(text, 'w.yaml').ensureObjects[0]?.sizes).toEqual(sizes);
  });

  it.each(['', 'count: 0', 'count: "111,168"'])(
    'makes as many objects as the tree has files with {%s}',
    (count) => {
      const text = `target: s3://b/\nprepare: {directory_structure: {width: 24, depth: 2, files_per_dir: 193}, ensure_objects: [{${count}}]}`;
      expect(parseWorkload(text, 'w.yaml').ensureObjects).toMatchObject([
        {
          count: 111_168,
          naming: { type: 'tree', distribution: 'bottom', mask: 'sai3bench.d%d_w%d.dir' },
        },
      ]);
    },
  );

  it.each([
    ['concurency: 4\nworkload: []', '1:1: unknown key "concurency": did you mean "concurrency"?'],
    [
      'target: file:///x\nworkload: [{op: get, weight: 1, pth: a}]',
      '2:33: unknown key "pth" in workload[0]: did you mean "path"?',
    ],
    ['io_rate: {iops: 5}', '1:1: "io_rate" is not supported yet: remove it to run without it'],
    [
      'prepare: {strategy: parallel}',
      '1:11: "strategy" in prepare is not a key of this version: write prepare_strategy',
    ],
    [
      'distributed: {stages: [{name: a, order: 1, type: hybird}]}',
      'must be one of validation, prepare, execute, hybrid, custom, cleanup, not "hybird": did you mean "hybrid"?',
    ],
    ['workload: [{op: gte, path: a, weight: 1}]', 'did you mean "get"?'],
    ['workload: [{path: a, weight: 1}]', '1:12: workload[0].op is missing'],
    ['workload: [{op: get, weight: 1}]', '1:12: workload[0].path is missing'],
    ['workload: [{op: get, path: a, weight: many}]', '"many" is not a whole number'],
    ['workload: [{op: get, path: a, weight: -2.5}]', '"-2.5" is not a whole number'],
    ['workload: [{op: get, path: a, weight: -20}]', 'workload[0].weight must not be negative'],
    [
      'workload: [{op: put, weight: 1, object_size: 1, dedup_factor: "-1"}]',
      'workload[0].dedup_factor must be at least 1 (N means N:1)',
    ],
    ['concurrency: "-1,000"', 'concurrency must be at least 1'],
    [
      'workload: [{op: put, path: a, weight: 1}]',
      'workload[0] put needs exactly one of object_size and size_spec',
    ],
    [
      'workload: [{op: put, weight: 1, object_size: 1, size_spec: 2}]',
      'put needs exactly one of object_size and size_spec',
    ],
    [
      'workload: [{op: put, weight: 1, size_spec: {type: uniform, min: 5, max: 3}}]',
      'workload[0].size_spec.min must not exceed max',
    ],
    [
      'workload: [{op: put, weight: 1, size_spec: {type: unifrm}}]',
      'size_spec.type must be one of uniform, lognormal, weighted, histogram, inventory, not "unifrm": did you mean "uniform"?',
    ],
    [
      'workload: [{op: put, weight: 1, size_spec: {type: uniform, mim: 3}}]',
      'unknown key "mim" in workload[0].size_spec: did you mean "min"?',
    ],
    [
      'workload: [{op: put, weight: 1, size_spec: {type: weighted, buckets: [{size: 1, min: 2, weight: 1}]}}]',
      'size_spec.buckets[0] needs either size, or min and max',
    ],
    [
      'workload: [{op: put, weight: 1, size_spec: {type: weighted, buckets: [{min: 3, max: 2, weight: 1}]}}]',
      'size_spec.buckets[0].min must not exceed max',
    ],
    [
      'workload: [{op: put, weight: 1, size_spec: {type: weighted, buckets: [{size: 3, weight: 0}]}}]',
      'need at least one with a weight above 0',
    ],
    ['prepare: {ensure_objects: [{base_uri: a/}]}', 'prepare.ensure_objects[0].count is missing'],
    [
      'prepare: {ensure_objects: [{count: 1, min_size: 2MiB}]}',
      'min_size must not exceed max_size',
    ],
    [
      'prepare: {directory_structure: {width: 24, depth: 2, files_per_dir: 193}, ensure_objects: [{count: 64_000}]}',
      'ensure_objects[0].count is 64000, but prepare.directory_structure has 111168 files',
    ],
    [
      'prepare: {directory_structure: {width: 2, depth: 2}}',
      '1:32: prepare.directory_structure needs an entry in prepare.ensure_objects',
    ],
    [
      'prepare: {directory_structure: {width: 0, depth: 2}}',
      'directory_structure.width must be at least 1',
    ],
    [
      'prepare: {directory_structure: {width: 100_000, depth: 5}}',
      'has more than 2^53 directories; lower width or depth',
    ],
    [
      'prepare: {directory_structure: {width: 2, depth: 5, dir_mask: d%d}}',
      'dir_mask the names of directories "d%d" must have two %d',
    ],
    [
      'prepare: {prepare_strateg: parallel}',
      'unknown key "prepare_strateg" in prepare: did you mean "prepare_strategy"?',
    ],
    [
      'distributed: {agents: [{address: a, volumes: [x]}]}',
      '1:37: "volumes" in distributed.agents[0] is not supported yet',
    ],
    ['workload: [{op: put, weight: 1, object_size: big}]', '"big" is not a size in bytes'],
    ['duration: five', '"five" is not a duration'],
    ['duration:', '1:10: duration must be a duration such as 30, 30s or 5m'],
    ['concurrency: 0', 'concurrency must be at least 1'],
    ['target: [1]', 'target must be text, not a list'],
    ['target: direct://x/', 'as in direct:///mnt/x/'],
    ['target: az://x/', 'storage of type az:// is not supported yet'],
    ['target: s3://AKIA:secret@h:1/b', 'credentials do not belong in an address'],
    ['multi_endpoint: {endpoints: []}', 'must name at least one endpoint'],
    ['multi_endpoint: {endpoints: [s3://a/, s3://a/]}', 'names an endpoint twice'],
    ['multi_endpoint: {strategy: random, endpoints: [s3://a/]}', 'must be one of round_robin'],
    [
      'multi_endpoint: {strategy: weighted, endpoints: [s3://a/, s3://b/]}',
      '1:28: weighted needs weights',
    ],
    [
      'multi_endpoint: {endpoints: [{uri: "s3://a/", weight: 2}, s3://b/]}',
      'weights have no effect with round_robin',
    ],
    [
      'multi_endpoint: {strategy: weighted, endpoints: [{uri: "s3://a/", weight: 101}]}',
      'multi_endpoint.endpoints[0].weight must be from 1 to 100',
    ],
    [
      'multi_endpoint: {endpoints: [{url: "s3://a/", weight: 1}]}',
      'unknown key "url" in multi_endpoint.endpoints[0]: did you mean "uri"?',
    ],
    [
      'multi_endpoint: {namespace: separate, strategy: least_connections, endpoints: [s3://a/]}',
      'there is nothing to choose where namespace is separate',
    ],
    [
      'multi_endpoint: {endpoints: [s3://a/], circuit_breaker: {pause: 2m}}',
      'longest_pause must not be shorter than pause',
    ],
    ['multi_endpoint: {endpoints: [7]}', 'must be an address such as s3://'],
    ['distributed: {agents: [{adress: x}]}', 'did you mean "address"?'],
    [
      'distributed: {agents: [{address: a, id: x}, {address: b, id: x}]}',
      'distributed.agents[1].id is used twice: x',
    ],
    [
      'distributed: {stages: [{name: a, order: 1, type: execute}, {name: b, order: 1, type: execute}]}',
      'distributed.stages[1].order is used twice: 1',
    ],
    [
      'distributed: {stages: [{name: a, order: 1, type: execute}, {name: b, type: execute}]}',
      'distributed.stages[1].order is missing, but other stages have one',
    ],
    [
      'distributed: {stages: [{name: a/b, order: 1, type: execute}]}',
      'it becomes part of a file name',
    ],
    ['distributed: {stages: [{name: a, type: prepare, timeout_secs: 0}]}', 'must be at least 1ms'],
    [
      'distributed: {stages: [{name: a, order: 1, type: custom}]}',
      'distributed.stages[0].command is missing',
    ],
    [
      'distributed: {stages: [{name: a, type: custom, command: "sleep 60"}]}',
      'command must be the program alone, because no shell reads it: write its arguments in args',
    ],
    [
      'distributed: {stages: [{name: a, type: custom, command: ./drop.sh}]}',
      'command must be an absolute path, or a name that is looked for in PATH',
    ],
    [
      'distributed: {stages: [{name: a, type: custom, command: sleep, args: [60]}]}',
      'distributed.stages[0].args[0] must be text, not 60',
    ],
    [
      'distributed: {stages: [{name: a, type: custom, command: sleep, args: ["a\\0b"]}]}',
      'args[0] must not contain a NUL character',
    ],
    [
      'distributed: {stages: [{name: a, type: prepare, command: ls}]}',
      'unknown key "command" in distributed.stages[0]',
    ],
    [
      'distributed: {stages: [{name: a, type: execute, max_duration: 1s}]}',
      'unknown key "max_duration" in distributed.stages[0]: did you mean "duration"?',
    ],
    [
      'distributed: {stages: [{name: a, type: hybrid, expected_tasks: 0}]}',
      'expected_tasks must be at least 1',
    ],
    [
      'distributed: {stages: [{name: a, order: 1, type: execute, barrier: {type: majorty}}]}',
      'barrier.type must be one of all_or_nothing, majority, best_effort, not "majorty": did you mean "majority"?',
    ],
    [
      'distributed: {barrier_sync: {prepare: {heartbeat_interval: 1s}}}',
      'distributed.barrier_sync.prepare.type is missing',
    ],
    ['workload: [{op: get, path: x/, weight: 1, access: zipff}]', 'did you mean "zipf"?'],
    ['workload: [{op: get, path: x/, weight: 1, access: {type: zipf, h: 1}}]', 'unknown key "h"'],
    [
      'workload: [{op: get, path: x/, weight: 1, access: {type: pareto, h: 1}}]',
      'access.h must be between 0 and 1',
    ],
    [
      'workload: [{op: get, path: x/, weight: 1, access: {type: hotspot, objects: 10}}]',
      'access.objects "10" is not a part of a whole; write a percentage or a fraction',
    ],
    [
      'workload: [{op: delete, path: x/, weight: 1, access: zipf}]',
      'must be one of sequential, shuffled, not "zipf"',
    ],
    ['workload: [{op: put, path: x/, object_size: 1, weight: 1, access: zipf}]', '"access"'],
    ['workload: [{op: get, path: x/, weight: 1, range: {offset: start}}]', 'range.size'],
    ['workload: [{op: get, path: x/, weight: 1, range: {size: 0}}]', 'must be at least 1 byte'],
    ['workload: [{op: stat, path: x/, weight: 1, range: {size: 1}}]', '"range"'],
    ['distributed: {partition_overlap: 3}', 'partition_overlap "3" is not a part of a whole'],
    ['- 1', 'the file must be a map of keys, not a list'],
    ['a: 1\na: 2', '2:1: not valid YAML: this key is there twice'],
    ['a: 1\n\tb: 2', '2:1: not valid YAML: lines are indented with spaces, not with tabs'],
    ['a: 1\nduration:60s\nb: 2', '2:1: not valid YAML: after a key come a colon and a space'],
    ['a: 1\n---\nb: 2', '2:1: not valid YAML: a second document begins here'],
    [
      'workload:\n  - op: get\n    path: *',
      '3:11: not valid YAML: a value that begins with * must',
    ],
    ['workload:\n  - op: get\n    path: *.dat', '3:11: not valid YAML: a value that begins with *'],
    ['a: 1\nduration:60s', '2:1: not valid YAML: after a key come a colon and a space'],
    ['a: [', 'not valid YAML'],
    ['', 'w.yaml is empty'],
    ['# only a comment', 'w.yaml is empty'],
  ])('refuses %j', (text, message) => {
    expect(messagesOf(text).join('\n')).toContain(message);
  });

  it.each([
    ['a token', 'c2VjcmV0LXRva2Vu==\n', 'the file must be a map of keys, not a single value'],
    ['lines of an environment', 'KEY=c2VjcmV0\nOTHER=c2VjcmV0\n', 'not a single value'],
    ['keys of something else', 'user: c2VjcmV0\n"c2VjcmV0": 1\n', 'this is no workload'],
    ['a key', '-----BEGIN KEY-----\nc2VjcmV0\n-----END KEY-----\n', 'not a single value'],
    ['what is no text', '{\u0000c2VjcmV0\n%c2VjcmV0 `c2VjcmV0]'.repeat(9), 'not valid YAML'],
    ['a directive', '%c2VjcmV0\nc2VjcmV0', 'not valid YAML'],
    ['what is behind the end', 'a: ]c2VjcmV0\n'.repeat(99), 'more mistakes'],
  ])('shows nothing of a file that holds %s', (_, text, message) => {
    const told = messagesOf(text).join('\n');
    expect(told).toContain(message);
    expect(told).not.toContain('c2VjcmV0');
  });

  it('shows no more of a value, and of a key, than it takes to find them', () => {
    const long = 'x'.repeat(1000);
    const told = messagesOf(`target: "null:"\nverify: ${long}\n${long}: 1\nworkload: []\n`);
    for (const message of told) expect(message.length).toBeLessThan(400);
    expect(told.join('\n')).toMatch(/unknown key "x{80}…"/);
  });

  it.each([
    ['target: file:///x/\nworkload: []', 'there is nothing to do'],
    [
      'target: file:///x/\nworkload: [{op: get, path: a, weight: 0}]',
      'workload needs at least one operation with a weight above 0',
    ],
    ['target: file:///x/\ndistributed: {stages: []}', 'stages must not be empty'],
    [
      'target: file:///x/\ndistributed: {stages: [{name: p, order: 1, type: prepare}]}',
      'prepare.ensure_objects needs at least one entry',
    ],
    [
      'workload: [{op: get, path: "x/*", weight: 1}]',
      '1:28: "x/*" is relative, but there is no target',
    ],
    [
      'target: file:///x/\nworkload: [{op: get, path: ../y, weight: 1}]',
      'workload[0].path must not contain ".."',
    ],
    [
      'target: file:///x/\nworkload: [{op: delete, path: "y/*", weight: 1}]',
      'delete works on objects that this workload prepares',
    ],
    [
      'target: file:///x/\nprepare: {ensure_objects: [{count: 1}, {count: 2, base_uri: "file:///x"}]}',
      'ensure_objects[1] would create the same names as ensure_objects[0]',
    ],
    [
      'target: file:///x/\nworkload: [{op: put, weight: 1, size_spec: {type: inventory, file: i.csv}}]',
      '2:44: the sizes of i.csv are needed here, but the file has not been read',
    ],
    [
      'target: file:///x/\ndynamic_put_pool: true\nworkload: [{op: get, path: "a/*", weight: 1}, {op: put, path: b/, object_size: 1, weight: 1}]',
      '2:19: dynamic_put_pool would have no effect',
    ],
    [
      'multi_endpoint: {endpoints: [s3://a/, file:///x]}\nworkload: [{op: list, path: a, weight: 1}]',
      'endpoints must be of one type, but are of different ones: s3, file',
    ],
    [
      'target: s3://b/\nerror_handling: {max_consecutive_errors: 0}',
      '2:42: error_handling.max_consecutive_errors must be at least 1',
    ],
    [
      'target: s3://b/\nerror_handling: {max_retry_delay_ms: 86_400_001}',
      'must not be more than 86400000, which is a day',
    ],
  ])('refuses what does not fit together: %j', (text, message) => {
    expect(messagesOf(text).join('\n')).toContain(message);
  });

  it('refuses keys that are not supported yet beside other mistakes, each once', () => {
    expect(messagesOf('io_rate: {iops: 5}\nautotune: 7\nconcurrency: 0')).toEqual([
      'w.yaml:1:1: "io_rate" is not supported yet: remove it to run without it',
      'w.yaml:2:1: "autotune" is not supported yet: remove it to run without it',
      'w.yaml:3:14: concurrency must be at least 1',
    ]);
  });

  it('reports every mistake at once, in the order of the file', () => {
    const messages = messagesOf('concurency: 4\nduration: five\nworkload: 5\n');
    expect(messages.map((message) => message.split(': ')[0])).toEqual([
      'w.yaml:1:1',
      'w.yaml:2:11',
      'w.yaml:3:11',
    ]);
  });

  it('answers any YAML with a workload or a list of mistakes, never with a crash', () => {
    const keys = fc.constantFrom(
      ...['target', 'duration', 'workload', 'op', 'path', 'weight', 'prepare', 'ensure_objects'],
      ...['count', 'size_spec', 'type', 'min', 'distributed', 'stages', 'agents', 'multi_endpoint'],
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          's3://b/',
          'file:///x',
          'get',
          'put',
          'uniform',
          'execute',
          '5s',
          '4KiB',
          '',
        ),
        fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(keys, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(keys, tree, { maxKeys: 6 }), (value) => {
        for (const message of messagesOf(stringify(value))) {
          expect(message).toMatch(/^w\.yaml(:\d+:\d+:| is empty)/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
