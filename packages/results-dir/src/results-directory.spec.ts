import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '@sai3bench/secret';
import { countDelta } from '@sai3bench/stats';
import { temporaryDirectory, type TemporaryDirectory } from '@sai3bench/testing';
import { MANY_AGENTS, ResultsDirectory } from './results-directory.ts';
import { metadataOf } from './testing/sample-metadata.ts';
import { statsOf } from './testing/sample-stats.ts';

const NOW = new Date(2026, 1, 18, 16, 3, 0);

let parent: TemporaryDirectory;
let open: ResultsDirectory[] = [];

function create(name = 'test'): ResultsDirectory {
  const results = ResultsDirectory.create(parent.path, name, NOW);
  open.push(results);
  return results;
}

beforeEach(() => {
  parent = temporaryDirectory();
});
afterEach(() => {
  for (const results of open) results.close();
  open = [];
  parent.remove();
});

describe('ResultsDirectory', () => {
  it('is named after the local time and the test', () => {
    expect(create().path).toBe(join(parent.path, 'sai3-20260218-1603-test'));
  });

  it('gets a name of its own when another run began in the same minute', () => {
    const first = create();
    expect([create().path, create().path]).toEqual([`${first.path}-2`, `${first.path}-3`]);
  });

  it('goes on where its files were certain when it is opened again, and keeps what has no length', () => {
    const results = create();
    results.addConsoleLine('first');
    results.agent('a').addStage('one', statsOf([['PUT', 1, 1000]]), 1000, []);
    const { lengths } = results;
    results.agent('a').addStage('two', statsOf([['PUT', 1, 1000]]), 1000, []);
    results.addConsoleLine('second');
    results.close();
    const again = ResultsDirectory.reopen(results.path, lengths);
    open.push(again);
    again.agent('a').addStage('three', statsOf([['PUT', 1, 1000]]), 1000, []);
    again.addConsoleLine('third');
    const read = (name: string): string => readFileSync(join(results.path, name), 'utf8');
    expect(read('console.log')).toBe('first\nsecond\nthird\n');
    const stages = read('agents/a/results.tsv')
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect([...new Set(stages)]).toEqual(['stage', 'one', 'three', '']);
  });

  it('explains why it cannot be made', () => {
    writeFileSync(join(parent.path, 'file'), '');
    expect(() => ResultsDirectory.create(join(parent.path, 'file'), 'x', NOW)).toThrow(
      expect.objectContaining({ code: 'RESULTS_UNWRITABLE', class: 'config' }),
    );
    expect(() => ResultsDirectory.create(join(parent.path, 'file', 'below'), 'x', NOW)).toThrow(
      expect.objectContaining({ code: 'RESULTS_UNWRITABLE' }),
    );
  });

  (process.platform === 'linux' ? it : it.skip)(
    'comes to an end where the system does not know a directory that it cannot make (on Linux)',
    () => {
      expect(() => ResultsDirectory.create('/proc/sai3bench', 'x', NOW)).toThrow(
        expect.objectContaining({
          ...{ code: 'RESULTS_UNWRITABLE', class: 'config' },
          message: 'cannot make a results directory in /proc/sai3bench',
        }),
      );
    },
  );

  it('is made below a directory that is missing', () => {
    const results = ResultsDirectory.create(join(parent.path, 'all', 'of', 'mine'), 'x', NOW);
    open.push(results);
    expect(results.path).toBe(join(parent.path, 'all', 'of', 'mine', 'sai3-20260218-1603-x'));
  });

  it('keeps the workload file and the console without secrets', () => {
    const results = create();
    results.writeConfig('target: s3://b/\n# password: hunter2\n');
    results.addConsoleLine('token=hunter2');
    for (const name of ['config.yaml', 'console.log']) {
      expect(readFileSync(join(results.path, name), 'utf8')).not.toContain('hunter2');
    }
  });

  it('keeps the findings of checks, without secrets', () => {
    const results = create();
    results.writePreflight([
      {
        ...{ agentId: 'agent-1', level: 'error', class: 'NET', check: 'tcp' },
        ...{ target: 's3://u:secret@h:1/b/', message: 'no\tconnection', hint: 'start it' },
      },
    ]);
    const text = readFileSync(join(results.path, 'preflight.tsv'), 'utf8');
    expect(text).toBe(
      'agent_id\tlevel\tclass\tcheck\ttarget\tmessage\thint\n' +
        'agent-1\terror\tNET\ttcp\ts3://***@h:1/b/\tno connection\tstart it\n',
    );
  });

  it('keeps what agents say without secrets too', () => {
    const results = create();
    const agent = results.agent('agent-1');
    agent.addConsoleLine('password: hunter2');
    const failure = { operation: 'PUT', class: 'auth', code: 'X', endpoint: '', count: 1 };
    agent.addStage('fill', statsOf([]), 0, [
      {
        ...{ ...failure, stage: 'fill', firstAtMs: 0, lastAtMs: 0, key: 'k', hint: 'as is' },
        message: 'refused: secret_access_key=hunter2',
      },
    ]);
    results.writeStatus({
      outcome: 'FAILURE',
      at: NOW,
      agents: [],
      reconnects: 0,
      totalOperations: 0,
      totalErrors: 1,
      errors: [],
      hasTried: true,
      optionalFailures: [],
      failure: { reasons: ['refused: secret_access_key=hunter2'], hints: [] },
    });
    const files = ['STATUS.txt', 'agents/agent-1/console.log', 'agents/agent-1/errors.tsv'];
    for (const name of files) {
      const text = readFileSync(join(results.path, name), 'utf8');
      expect(text).toContain('***');
      expect(text).not.toContain('hunter2');
    }
    expect(readFileSync(join(results.path, 'agents/agent-1/errors.tsv'), 'utf8')).toContain(
      'as is',
    );
  });

  it('keeps why a stage is not whole without secrets, and without what a terminal obeys', () => {
    const results = create();
    results.conceal([new Secret('correct-horse-battery')]);
    const said = 'agent-1: it failed:\u001b[2J password=hunter2\n  -> correct-horse-battery';
    results.writeMetadata(metadataOf({ partial: said, warnings: [said] }));
    results.writeStage({
      ...{ number: 1, name: 'fill', kind: 'prepare', wallMs: 0, commonWindow: undefined },
      ...{ stats: statsOf([]), agents: [], partial: said },
    });
    const read = (name: string): string => readFileSync(join(results.path, name), 'utf8');
    for (const name of ['metadata.json', '01_fill_results.tsv']) {
      for (const bad of ['hunter2', 'battery', '\u001b']) expect(read(name)).not.toContain(bad);
      expect(read(name)).toContain('password=***');
    }
    expect(read('01_fill_results.tsv')).toContain(
      String.raw`# Partial: agent-1: it failed:\x1b[2J password=*** -> ***`,
    );
  });

  it('holds none of the secrets that it is told of, whatever they look like', () => {
    const results = create();
    results.conceal([new Secret('correct-horse-battery')]);
    results.addConsoleLine('the server says correct-horse-battery');
    results.agent('agent-1').addConsoleLine('so does correct-horse-battery');
    for (const name of ['console.log', 'agents/agent-1/console.log']) {
      const text = readFileSync(join(results.path, name), 'utf8');
      expect(text).toContain('***');
      expect(text).not.toContain('battery');
    }
  });

  it.each(['../evil', '/tmp/evil', '..', 'a/b', ''])('is not left by an agent called %j', (id) => {
    const results = create();
    expect(() => results.agent(id)).toThrow(expect.objectContaining({ code: 'RESULTS_NAME' }));
    expect(readdirSync(join(results.path, 'agents'))).toEqual([]);
    expect(readdirSync(parent.path)).toEqual([basename(results.path)]);
  });

  it('is complete on disk after every call, without being closed', () => {
    const results = create();
    const stats = statsOf([['PUT', 4096, 5000]]);
    results.addConsoleLine('a line');
    results.agent('agent-1').addConsoleLine('an agent line');
    results.agent('agent-1').addStage('fill', stats, 1000, [
      {
        stage: 'fill',
        operation: 'PUT',
        class: 'throttled',
        code: 'S3_SlowDown',
        endpoint: 's3://b/',
        count: 3,
        firstAtMs: 0,
        lastAtMs: 1000,
        key: 'k',
        message: 'm',
        hint: undefined,
      },
    ]);
    results.writeStage({
      number: 1,
      name: 'fill',
      kind: 'prepare',
      wallMs: 1000,
      commonWindow: undefined,
      stats,
      agents: [{ agentId: 'agent-1', counts: countDelta(stats.toDelta()), stats, wallMs: 1000 }],
      partial: undefined,
    });
    const read = (name: string): string => readFileSync(join(results.path, name), 'utf8');
    expect(read('console.log')).toBe('a line\n');
    expect(read('agents/agent-1/console.log')).toBe('an agent line\n');
    expect(read('01_fill_results.tsv')).toContain('# Stage 1 Results: fill (prepare)');
    expect(read('agents/agent-1/results.tsv')).toContain('fill\tPUT\tALL\t99');
    expect(read('agents/agent-1/errors.tsv')).toContain('S3_SlowDown\ts3://b/\t3\t1970-01-01T00');
  });

  it('holds nothing that a terminal would obey which shows its logs', () => {
    const results = create();
    results.addConsoleLine('a line\u001b[1A\u001b[2K');
    results.agent('agent-1').addConsoleLine('one\r\ntwo');
    const read = (name: string): string => readFileSync(join(results.path, name), 'utf8');
    expect(read('console.log')).toBe('a line\\x1b[1A\\x1b[2K\n');
    expect(read('agents/agent-1/console.log')).toBe('one two\n');
  });

  it('holds JSON of which a terminal does nothing but show it, and which says what was written', () => {
    const results = create();
    const value = { host: 'µ\u001b[2J\u007f\u009b2J\u202e\u2066' };
    const spelled = String.raw`"host": "µ\u001b[2J\u007f\u009b2J\u202e\u2066"`;
    results.agent('agent-1').writeMetadata(value);
    results.journal.writeRun(value);
    results.journal.beginStage(value);
    results.journal.writeProgress(value);
    const control = ['run.json', 'stage.jsonl', 'progress.json'].map((name) => `control/${name}`);
    for (const name of ['agents/agent-1/metadata.json', ...control]) {
      const text = readFileSync(join(results.path, name), 'utf8');
      expect(text.replace('":"', '": "')).toContain(spelled);
      expect(JSON.parse(text)).toEqual(value);
    }
  });

  it('leaves no temporary file behind', () => {
    const results = create();
    results.writeConfig('a: 1\n');
    results.writeConfig('a: 2\n');
    expect(readdirSync(results.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(readFileSync(join(results.path, 'config.yaml'), 'utf8')).toBe('a: 2\n');
  });

  describe('of which something was removed', () => {
    const stats = statsOf([['PUT', 4096, 5000]]);

    function createFull(agents = 1): ResultsDirectory {
      const results = create();
      results.expectAgents(agents);
      results.writeConfig('a: 1\n');
      results.addConsoleLine('a line');
      results.addLedger([]);
      results.agent('agent-1').writeMetadata({});
      results.agent('agent-1').addStage('fill', stats, 1000, []);
      results.writeStage({
        ...{ number: 1, name: 'fill', kind: 'prepare', wallMs: 1000, commonWindow: undefined },
        ...{ stats, agents: [], partial: undefined },
      });
      return results;
    }

    function filesOf(results: ResultsDirectory): string[] {
      return readdirSync(results.path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name, parentPath }) => join(parentPath, name));
    }

    it('is complete while every file is there', () => {
      const results = createFull();
      expect(filesOf(results)).toHaveLength(10);
      expect(() => {
        results.ensureThere();
      }).not.toThrow();
    });

    it.each([
      ['one', 1],
      ['many', MANY_AGENTS + 1],
    ])('names the file that is missing, of a run with %s agents', (_, agents) => {
      const { length } = filesOf(createFull(agents));
      for (let index = 0; index < length; index++) {
        const results = createFull(agents);
        const path = filesOf(results)[index] ?? '';
        rmSync(path);
        expect(() => {
          results.ensureThere();
        }).toThrow(`${path} is gone`);
      }
    });

    it.each<[string, (results: ResultsDirectory) => void]>([
      ['the metadata', (results) => results.writeConfig('a: 2\n')],
      ['a new agent', (results) => results.agent('agent-2')],
      [
        'the results of a stage of an agent',
        (results) => results.agent('agent-1').addStage('x', stats, 1, []),
      ],
      ['the ledger', (results) => results.addLedger([])],
    ])('is not made anew to write %s', (_, write) => {
      const results = createFull();
      rmSync(results.path, { recursive: true });
      expect(() => {
        write(results);
      }).toThrow(expect.objectContaining({ code: 'RESULTS_WRITE_FAILED' }));
      expect(existsSync(results.path)).toBe(false);
    });
  });

  it('does not touch what lies in a directory of the same name', () => {
    const taken = join(parent.path, 'sai3-20260218-1603-test');
    mkdirSync(taken);
    writeFileSync(join(taken, 'config.yaml'), 'precious');
    create().writeConfig('new');
    expect(readFileSync(join(taken, 'config.yaml'), 'utf8')).toBe('precious');
    expect(existsSync(join(taken, 'console.log'))).toBe(false);
  });
});
