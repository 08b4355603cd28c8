import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseWorkload, planAgent } from '@sai3bench/workload-config';
import { runController } from './support/programs.ts';
import { stageRows } from './support/tables.ts';
import { inWorkspace } from './support/workspace.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const names = readdirSync(EXAMPLES);

const textOf = (name: string): string => readFileSync(join(EXAMPLES, name), 'utf8');

/** An example with other values, which must be there to be replaced. */
function withValues(name: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, textOf(name));
}

describe.each(names)('examples/%s', (name) => {
  it('is a workload with a plan for each agent, and nothing in it without effect', () => {
    const workload = parseWorkload(textOf(name), name);
    expect(workload.notes).toEqual([]);
    const agents = workload.agents.length > 0 ? workload.agents : [undefined];
    for (const [agentIndex, entry] of agents.entries()) {
      const plan = planAgent(workload, {
        agentId: entry?.id ?? `agent-${String(agentIndex + 1)}`,
        agentIndex,
        agentCount: agents.length,
        entry,
        runId: 'example',
        dataSeed: '1',
      });
      expect(plan.stores).toHaveLength(1);
      expect(plan.operations).not.toHaveLength(0);
    }
  });

  it('says how to run it, and is short', () => {
    const lines = textOf(name).split('\n');
    expect(lines.some((line) => line.startsWith('#') && line.includes(`examples/${name}`))).toBe(
      true,
    );
    expect(lines.length).toBeLessThanOrEqual(45);
  });

  it('is understood by the controller', async () => {
    await inWorkspace(async (workspace) => {
      const { exitCode, output } = await runController(workspace.path, [
        // Agents on other hosts are refused without it.
        ...['--insecure', 'run', '--dry-run', '--config', join(EXAMPLES, name)],
      ]);
      expect(output).toContain('✓ The workload file is valid');
      expect(exitCode).toBe(0);
    });
  });
});

describe('a short run of', () => {
  const run = async (name: string, values: Readonly<Record<string, string>>): Promise<void> => {
    await inWorkspace(async (workspace) => {
      const inside = Object.fromEntries(
        Object.entries(values).map(([from, to]) => [from, to.replace('WORKSPACE', workspace.path)]),
      );
      const config = workspace.workload(name, withValues(name, inside));
      const { exitCode, output } = await runController(workspace.path, [
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      expect(output).toContain(', 0 errors');
      expect(exitCode).toBe(0);
      const [results = ''] = workspace.results();
      // Nothing here is a measure of how many: a machine that stands still meanwhile does one.
      const rows = stageRows(results, executeFile(results));
      expect(rows.some((row) => Number(row['count']) > 0)).toBe(true);
      // What was made is gone again: of the workspace, the workload and the results are left.
      expect(readdirSync(workspace.path)).toHaveLength(2);
    });
  };

  it('tool-ceiling.yaml does operations without storage', async () => {
    await run('tool-ceiling.yaml', { 'duration: 10s': 'duration: 300ms' });
  });

  it('quickstart-file.yaml does its mix on files, and leaves none', async () => {
    await run('quickstart-file.yaml', {
      'duration: 5s': 'duration: 300ms',
      'file:///tmp/sai3bench-quickstart/': 'file://WORKSPACE/data/',
    });
  });

  it('put-4k-files.yaml puts files, and leaves none', async () => {
    await run('put-4k-files.yaml', {
      'duration: 60s': 'duration: 300ms',
      'file:///mnt/storage/sai3bench/': 'file://WORKSPACE/data/',
    });
  });

  it('directory-tree.yaml does its mix on a tree, and leaves none', async () => {
    await run('directory-tree.yaml', {
      'duration: 60s': 'duration: 300ms',
      'width: 24': 'width: 4',
      'files_per_dir: 193': 'files_per_dir: 5',
      'file:///mnt/bench/': 'file://WORKSPACE/data/',
    });
  });
});

/** The table of the execute stage in a results directory. */
function executeFile(results: string): string {
  const file = readdirSync(results).find((name) => /^\d+_execute_results\.tsv$/.test(name));
  if (file === undefined) throw new Error(`no results of an execute stage in ${results}`);
  return file;
}
