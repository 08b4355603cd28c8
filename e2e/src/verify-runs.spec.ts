import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startS3TestServer } from '@sai3bench/s3-test-server';
import { agentsOption, runController, startAgent } from './support/programs.ts';
import { withoutStarts } from './support/start-warnings.ts';
import { countOf, readResult } from './support/tables.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

/** What the results of a run say of the stage that runs its mix. */
interface Executed {
  readonly gets: number;
  readonly errors: number;
  readonly warnings: readonly string[];
  readonly verify: Readonly<Record<string, unknown>>;
}

/** @param output of the controller, which names the results */
function executed(output: string): Executed {
  const results = /^Results saved to: (.*)$/m.exec(output)?.[1] ?? '';
  const { stages } = JSON.parse(readResult(results, 'metadata.json')) as {
    stages: (Omit<Executed, 'gets'> & { kind: string })[];
  };
  const index = stages.findIndex(({ kind }) => kind === 'hybrid');
  const stage = stages[index];
  if (stage === undefined) throw new RangeError('the run has no stage of the mix');
  const table = `${String(index + 1).padStart(2, '0')}_mix_results.tsv`;
  const warnings = withoutStarts(stage.warnings);
  return { ...stage, warnings, gets: countOf(results, table, 'GET') };
}

/** Runs verified workloads on two agents, on a target that is empty at first. */
async function verifyRuns(
  workspace: Workspace,
  target: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const agents = await Promise.all([startAgent(env), startAgent(env)]);
  try {
    const run = async (name: string, more: string): Promise<string> => {
      const config = workspace.workload(
        `${name}.yaml`,
        `target: ${target}
concurrency: 4
verify: full
distributed:
  shared_filesystem: true
  kv_cache_dir: ${workspace.path}/cache
  stages:
${more.includes('prepare:') ? '    - {name: prepare, type: prepare}\n' : ''}    - {name: mix, type: hybrid, expected_tasks: 700, max_duration: 10m}
${more}`,
      );
      const { exitCode, output } = await runController(workspace.path, [
        ...['run', '--config', config, '--start-delay', '0', ...agentsOption(...agents)],
      ]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      return output;
    };
    const size = 'size_spec: {type: uniform, min: 1, max: 150000}';
    const mixed = `dynamic_put_pool: true
prepare:
  ensure_objects:
    - {base_uri: data/, count: 50, ${size}, compress_factor: 3, dedup_factor: 2}
workload:
  - {op: put, path: data/, ${size}, weight: 1}
  - {op: put, path: new/, ${size}, compress_factor: 2, weight: 1}
  - {op: get, path: data/, weight: 3}
  - {op: get, path: new/, weight: 2}
`;
    const said = await run('mixed', mixed);
    const first = executed(said);
    expect(first).toMatchObject({ errors: 0, warnings: [] });
    expect(first.gets).toBeGreaterThan(0);
    const all = { level: 'full', content_compared: first.gets };
    expect(first.verify).toEqual({ ...all, length_compared: 0, not_compared: 0 });
    expect(said).toContain('Compared with what was written: the content of');

    // What the first run has prepared is known; what it has put is not.
    const again = executed(await run('mixed', mixed));
    const { content_compared: compared, not_compared: unknown } = again.verify;
    expect(again.errors).toBe(0);
    expect(Number(compared)).toBeGreaterThan(0);
    expect(Number(unknown)).toBeGreaterThan(0);
    expect(Number(compared) + Number(unknown)).toBe(again.gets);

    const warned = await run('foreign', 'workload: [{op: get, path: new/, weight: 1}]');
    const foreign = executed(warned);
    expect(foreign.verify).toMatchObject({ content_compared: 0, not_compared: foreign.gets });
    expect(foreign.warnings).toHaveLength(2);
    for (const id of ['agent-1', 'agent-2']) {
      expect(warned).toMatch(
        new RegExp(`⚠ ${id} in stage mix: verify: full has compared the content of none of`),
      );
    }
  } finally {
    await Promise.all(agents.map((agent) => agent.stop()));
  }
}

describe('verify: full with two agents that read prepared objects and what they have put', () => {
  it('compares all that is known, with no false error, and says what is not known, on S3', async () => {
    const server = await startS3TestServer({ buckets: ['bucket'] });
    try {
      await inWorkspace(async (workspace) => {
        await verifyRuns(workspace, `s3://${server.host}/bucket/`, server.env);
      });
    } finally {
      await server.stop();
    }
  });

  it('does so on direct://', async () => {
    await inWorkspace(async (workspace) => {
      const data = join(workspace.path, 'data');
      mkdirSync(data);
      await verifyRuns(workspace, `direct://${data}/`, {});
    });
  });
});
