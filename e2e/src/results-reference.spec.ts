import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runController } from './support/programs.ts';
import { namesBelow } from './support/reference.ts';
import { readResult } from './support/tables.ts';
import { inWorkspace } from './support/workspace.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the run left: the names of its files, and the contents of some. */
let files: string[] = [];
let exitCode: number | NodeJS.Signals = -1;
let metadata: Json = {};
let environment: Json = {};
let status = '';
let headers: Readonly<Record<string, string[]>> = {};

// The tests look at one run. Its GETs of a file bring the mounts of file targets into the record of the environment.
beforeAll(async () => {
  await inWorkspace(async (workspace) => {
    const config = workspace.workload(
      'reference.yaml',
      `target: null://
duration: 1s
concurrency: 1
prepare: { ensure_objects: [{ count: 10, size_spec: 100 }] }
workload:
  - { op: put, path: new/, object_size: 4KiB, weight: 9 }
  - { op: get, path: "file://${workspace.path}/reference.yaml", weight: 1 }
`,
    );
    const ended = await runController(workspace.path, [
      ...['run', '--config', config, '--start-delay', '0'],
    ]);
    exitCode = ended.exitCode;
    const [results = ''] = workspace.results();
    files = readdirSync(results, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(results, join(entry.parentPath, entry.name)));
    metadata = readJson(results, 'metadata.json');
    environment = readJson(results, 'agents/agent-1/metadata.json');
    status = readResult(results, 'STATUS.txt');
    headers = Object.fromEntries(
      [
        'perf_log.tsv',
        'agents/agent-1/results.tsv',
        'agents/agent-1/perf_log.tsv',
        'agents/agent-1/errors.tsv',
      ].map((name) => [name, readResult(results, name).split('\n')[0]?.split('\t') ?? []]),
    );
  });
});

function readJson(results: string, name: string): Json {
  return JSON.parse(readResult(results, name)) as Json;
}

/** The keys of the first object in a list. */
function keysOfFirst(list: unknown): string[] {
  const [first] = list as readonly Json[];
  return Object.keys(first ?? {});
}

describe('a real run and docs/results.md agree on', () => {
  it('every file', () => {
    expect(exitCode).toBe(0);
    const kinds = files.map((name) =>
      name
        .replace(/^\d\d_(preflight|prepare|execute)_/, 'NN_{stage}_')
        .replace('agents/agent-1/', 'agents/{agent-id}/'),
    );
    expect([...new Set(kinds)].toSorted()).toEqual(namesBelow('Files').toSorted());
  });

  it('every key of metadata.json, in order', () => {
    expect(Object.keys(metadata)).toEqual(namesBelow('`metadata.json`'));
    expect(keysOfFirst(metadata['stages'])).toEqual(namesBelow('Stages in `metadata.json`'));
    const [, , execute] = metadata['stages'] as readonly Json[];
    expect(keysOfFirst(execute?.['endpoints'])).toEqual(namesBelow('Endpoints in `metadata.json`'));
    expect(Object.keys(execute?.['verify'] as Json)).toEqual(namesBelow('What was compared'));
  });

  it("every key of an agent's metadata.json, in order", () => {
    expect(Object.keys(environment)).toEqual(namesBelow('`agents/{agent-id}/metadata.json`'));
    expect(keysOfFirst(environment['mounts'])).toEqual(namesBelow('Mounts'));
  });

  it('every line of STATUS.txt', () => {
    const labels = status
      .split('\n')
      .flatMap((line) => /^(=== .* ===|[^:=]+(?=:))/.exec(line)?.[1] ?? []);
    expect(namesBelow('Lines')).toEqual(
      expect.arrayContaining(labels.filter((label) => label !== 'agent-1')),
    );
  });

  it('the columns of the tables that grow', () => {
    const operations = namesBelow('Operations of the stage');
    const perf = namesBelow('`perf_log.tsv`');
    expect(headers).toEqual({
      'perf_log.tsv': perf,
      'agents/agent-1/results.tsv': ['stage', ...operations],
      'agents/agent-1/perf_log.tsv': perf,
      'agents/agent-1/errors.tsv': namesBelow('`agents/{agent-id}/errors.tsv`'),
    });
  });
});
