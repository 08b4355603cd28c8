import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { parseWorkload } from './parse-workload.ts';

function messagesOf(text: string): string[] {
  try {
    parseWorkload(text, 'w.yaml');
  } catch (error) {
    if (BenchError.is(error)) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** A workload that deletes what it may prepare, in the stages of the given kinds. */
function deletingIn(...kinds: string[]): string {
  const stages = kinds.map(
    (type, index) => `{name: ${type}-${String(index)}, order: ${String(index)}, type: ${type}}`,
  );
  return `
target: s3://b/
prepare: {ensure_objects: [{count: 10}]}
workload:
  - {op: put, path: new/, object_size: 1, weight: 1}
  - {op: delete, path: "prepared-*", weight: 1}
distributed: {stages: [${stages.join(', ')}]}
`;
}

describe('a get of parts', () => {
  const reading = (path: string, range: string): string[] =>
    messagesOf(`
target: s3://b/
prepare: {ensure_objects: [{count: 10}]}
workload: [{op: get, path: ${path}, range: {size: 4KiB${range}}, weight: 1}]
`);

  it.each(['"other/*"', '"prepared-*0.dat"', 'one'])(
    'at random offsets needs objects whose length is known, unlike %s',
    (path) => {
      expect(reading(path, '')).toEqual([expect.stringMatching(/^w.yaml:4:.*offset: start/)]);
      expect(reading(path, ', offset: start')).toEqual([]);
    },
  );

  it('takes any offset in prepared objects', () => {
    expect(reading('"prepared-*"', '')).toEqual([]);
    expect(reading('"prepared-*"', ', offset: start')).toEqual([]);
  });
});

describe('a workload that deletes', () => {
  it.each([
    [['execute'], 'execute-0'],
    [['execute', 'prepare'], 'execute-0'],
    [['prepare', 'cleanup', 'execute'], 'execute-2'],
    [['validation', 'execute', 'execute'], 'execute-1'],
    [['validation', 'hybrid'], 'hybrid-1'],
  ])('needs objects of its own when it begins: stages %j', (kinds, stage) => {
    expect(messagesOf(deletingIn(...kinds))).toEqual([
      `w.yaml:6:10: delete works on objects that this run has prepared, but there are none yet when the stage "${stage}" begins: put a prepare stage before it`,
    ]);
  });

  it.each([[['prepare', 'execute', 'execute', 'cleanup']], [['prepare', 'cleanup']]])(
    'is fine with stages %j',
    (kinds) => {
      expect(messagesOf(deletingIn(...kinds))).toEqual([]);
    },
  );

  it('is fine without stages, which are derived then', () => {
    expect(messagesOf(deletingIn('prepare').replace(/distributed.*/, ''))).toEqual([]);
  });
});

describe('a duration of 0', () => {
  const WORKLOAD = 'target: s3://b/\nworkload: [{op: list, path: x/, weight: 1}]';
  const STAGE = 'distributed: {stages: [{name: run, order: 1, type: execute';

  it('leaves nothing to measure in a stage without a duration of its own', () => {
    expect(messagesOf(`duration: 0\n${WORKLOAD}\n${STAGE}}]}`)).toEqual([
      'w.yaml:1:11: duration is 0, but the execute stage "run" has no duration of its own: raise it, or give the stage one',
    ]);
    expect(messagesOf(`duration: 0\n${WORKLOAD}\n${STAGE}, duration: 5s}]}`)).toEqual([]);
  });

  it('leaves no time to a hybrid stage without a max_duration', () => {
    const hybrid = STAGE.replace('type: execute', 'type: hybrid, expected_tasks: 5');
    expect(messagesOf(`duration: 0\n${WORKLOAD}\n${hybrid}}]}`)).toEqual([
      'w.yaml:1:11: duration is 0, but the hybrid stage "run" has no max_duration of its own: raise it, or give the stage one',
    ]);
    expect(messagesOf(`duration: 0\n${WORKLOAD}\n${hybrid}, max_duration: 5s}]}`)).toEqual([]);
  });

  it('means that nothing is measured where stages are derived', () => {
    const { stages } = parseWorkload(
      `duration: 0\n${WORKLOAD}\nprepare: {ensure_objects: [{count: 1}]}`,
      'w.yaml',
    );
    expect(stages.map(({ kind }) => kind)).toEqual(['validation', 'prepare']);
  });
});

describe('a validation stage', () => {
  const staged = (...kinds: string[]): string => {
    const stages = kinds.map(
      (type, index) => `{name: s${String(index)}, order: ${String(index)}, type: ${type}}`,
    );
    return `target: s3://b/\nworkload: [{op: list, path: x/, weight: 1}]\ndistributed:\n  stages: [${stages.join(', ')}]`;
  };

  it.each([[['validation', 'execute']], [['execute', 'validation', 'execute', 'validation']]])(
    'may come anywhere: stages %j',
    (kinds) => {
      expect(messagesOf(staged(...kinds))).toEqual([]);
    },
  );
});

describe('an agent', () => {
  it.each(['node[01-32]:7167', 'http://node1', 'user@node1', 'node1:port'])(
    'cannot have the address %s',
    (address) => {
      const text = `target: s3://b/\nworkload: [{op: list, path: x/, weight: 1}]\ndistributed:\n  agents: [{address: "${address}"}]`;
      expect(messagesOf(text)).toEqual([
        expect.stringMatching(/^w\.yaml:4:22: .*must be host:port.*--agents/),
      ]);
    },
  );
});

describe('fsync', () => {
  const put = (address: string): string =>
    `fsync: true\nworkload: [{op: put, path: "${address}", object_size: 1, weight: 1}]`;

  it.each([
    ['s3://b/new/', 's3'],
    ['null://', 'null'],
  ])('is refused where all storage is like %s', (address, scheme) => {
    expect(messagesOf(put(address))).toEqual([
      `w.yaml:1:8: fsync flushes files, but there are none: the storage is ${scheme}; remove fsync, or use file:// or direct:// addresses`,
    ]);
    expect(messagesOf(put(address).replace('true', 'false'))).toEqual([]);
  });

  it.each(['file:///x/', 'direct:///x/'])('is fine with %s', (address) => {
    expect(messagesOf(put(address))).toEqual([]);
  });

  it('is fine where files are the storage of one agent only, or one of several kinds', () => {
    const agents =
      'distributed: {agents: [{address: a}, {address: b, target_override: "file:///x/"}]}';
    expect(messagesOf(`target: s3://b/\n${put('new/')}\n${agents}`)).toEqual([]);
    expect(messagesOf(`target: s3://b/\n${put('file:///x/')}`)).toEqual([]);
  });
});

describe('a stage with a timeout_secs', () => {
  const limited = (stage: string): string => `
target: s3://b/
duration: 60s
prepare: {ensure_objects: [{count: 10}]}
workload: [{op: put, path: new/, object_size: 1, weight: 1}]
distributed: {stages: [{name: a, ${stage}}]}
`;

  it('may take so long, in seconds', () => {
    const { stages } = parseWorkload(limited('type: prepare, timeout_secs: 300'), 'w.yaml');
    expect(stages).toMatchObject([{ kind: 'prepare', timeoutMs: 300_000 }]);
  });

  it.each([
    ['type: execute, duration: 30s, timeout_secs: 30', false],
    ['type: execute, timeout_secs: 59', false],
    ['type: execute, timeout_secs: 61', true],
    ['type: execute, duration: 1s, timeout_secs: 2', true],
    ['type: hybrid, max_duration: 30s, timeout_secs: 30', false],
    ['type: hybrid, timeout_secs: 59', false],
    ['type: hybrid, max_duration: 1s, timeout_secs: 2', true],
    ['type: custom, command: sleep, timeout_secs: 1', true],
  ])('has to be longer than it lasts: %s', (stage, isFine) => {
    expect(messagesOf(limited(stage))).toEqual(
      isFine
        ? []
        : [expect.stringContaining('timeout_secs must be longer than the stage "a" lasts')],
    );
  });
});
