import { join } from 'node:path';
import { afterEach, expect } from '@jest/globals';
import type { Child } from '@sai3bench/testing';
import { agentsOption, startController, type Agent } from './programs.ts';
import { expectOneTotal, objectsBelow } from './store-totals.ts';
import { readResult } from './tables.ts';
import type { Workspace } from './workspace.ts';

const started: Child[] = [];
// The run of a test that failed must not keep the agents from the next.
afterEach(async () => {
  for (const controller of started.splice(0)) await controller.stop();
});

/** What a run of PUTs is to be like. */
export interface PutRunOptions {
  /** How long the execute stage takes; `3s` when absent. */
  readonly duration?: string;
  /** Keys of `distributed`, as YAML. */
  readonly distributed?: string;
  /** Further keys at the top level, as YAML. */
  readonly more?: string;
  /** Where the objects go; a directory of the workspace when absent. */
  readonly data?: string;
  /** The same when they are to be no files. */
  readonly target?: string;
}

/** A run in which agents put files with names of their own, each in its own directory. */
export interface PutRun extends Child {
  /** Where the objects are; below it each agent has a directory of its name. */
  readonly data: string;
  /** Its results directory. */
  results(): string;
}

/**
 * Starts such a run.
 */
export function startPutRun(
  workspace: Workspace,
  agents: readonly Agent[],
  options: PutRunOptions = {},
): PutRun {
  const { distributed = '{}', duration = '3s', more = '' } = options;
  const data = options.data ?? join(workspace.path, 'data');
  // Files are flushed to their disk, so that there are thousands of them and not hundreds of thousands.
  const place = options.target ?? `file://${data}/\nfsync: true`;
  const config = workspace.workload(
    'put.yaml',
    `target: ${place}
duration: ${duration}
concurrency: 1
workload: [{op: put, path: new/, object_size: 1KiB, weight: 1}]
distributed: ${distributed}
${more}
`,
  );
  const controller = startController(workspace.path, [
    ...agentsOption(...agents),
    ...['run', '--config', config, '--start-delay', '0'],
  ]);
  started.push(controller);
  return {
    ...controller,
    data,
    results: () => workspace.results().at(-1) ?? '',
  };
}

/** Expects that a run of a single execute stage knows of every object that is there, wherever its results tell of them. */
export function expectAllOnTheStore(run: PutRun): void {
  const results = run.results();
  const objects = objectsBelow(run.data);
  expect(objects).toBeGreaterThan(0);
  expect(expectOneTotal(results, 2, 'execute')).toBe(objects);
  expect(readResult(results, 'STATUS.txt')).toContain('TEST STATUS: SUCCESS');
  expect(readResult(results, '02_execute_results.tsv')).not.toContain('# Partial');
}
