import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createdInCaches } from './support/known-objects.ts';
import { plannedObjects } from './support/planned-objects.ts';
import { agentsOption, runController, startAgent, startController } from './support/programs.ts';
import { killAll, resumptionOf } from './support/resumption.ts';
import { readResult } from './support/tables.ts';
import { until } from './support/until.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

const COUNT = 30_000;
/** Objects that are known to be there when everything is killed, at least. */
const KNOWN = 1_000;

/** Prepares files in a directory of the workspace. */
function workload({ path }: Workspace): string {
  mkdirSync(join(path, 'data'), { recursive: true });
  return `target: file://${path}/data/
concurrency: 1
prepare: {ensure_objects: [{count: ${String(COUNT)}, size_spec: {type: uniform, min: 1, max: 2000}}]}
distributed: {shared_filesystem: true, kv_cache_dir: ${path}/cache}
`;
}

function fill(workspace: Workspace): string {
  return workspace.workload('fill.yaml', workload(workspace));
}

/** The sizes of all prepared files, by their names. */
function prepared({ path }: Workspace): ReadonlyMap<string, number> {
  const directory = join(path, 'data');
  const names = readdirSync(directory).filter((name) => name.startsWith('prepared-'));
  return new Map(names.map((name) => [name, statSync(join(directory, name)).size]));
}

describe('a run that was interrupted', () => {
  it('is gone on with by running it again, with more agents than before', async () => {
    await inWorkspace(async (workspace) => {
      const config = fill(workspace);
      const first = await startAgent();
      const controller = startController(workspace.path, [
        ...agentsOption(first),
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      let known = 0;
      await until(async () => {
        known = await createdInCaches(join(workspace.path, 'cache'));
        return known >= KNOWN;
      });
      await killAll(first, controller);
      // A fast machine may have made them all by then; what is known of them is behind that nevertheless.
      const left = prepared(workspace).size;
      expect(left).toBeLessThanOrEqual(COUNT);

      const agents = await Promise.all([startAgent(), startAgent()]);
      try {
        const { exitCode, output } = await runController(workspace.path, [
          ...agentsOption(...agents),
          ...['run', '--config', config, '--start-delay', '0'],
        ]);
        expect(exitCode).toBe(0);
        const { existing = 0, missing = 0 } = resumptionOf(output) ?? {};
        expect(existing).toBeGreaterThanOrEqual(known);
        expect(existing).toBeLessThanOrEqual(left);
        expect(missing).toBe(COUNT - existing);
        const planned = plannedObjects(workload(workspace), workspace.results().at(-1) ?? '');
        expect(prepared(workspace)).toEqual(planned);

        const again = await runController(workspace.path, [
          ...agentsOption(...agents),
          ...['run', '--config', config, '--start-delay', '0'],
        ]);
        expect(resumptionOf(again.output)).toEqual({ existing: COUNT, missing: 0 });
        const ledger = readResult(workspace.results().at(-1) ?? '', 'populate_ledger.tsv');
        expect(ledger).toMatch(new RegExp(`AGGREGATE\\tprepare\\t0\\t${String(COUNT)}\\t`));

        const cleaned = await runController(workspace.path, [
          ...agentsOption(...agents),
          ...['cleanup', '--config', config, '--yes', '--start-delay', '0'],
        ]);
        expect(cleaned.exitCode).toBe(0);
        expect(readdirSync(join(workspace.path, 'data'))).toEqual([]);
      } finally {
        await Promise.all(agents.map((agent) => agent.stop()));
      }
    });
  });

  it('is not cleaned up unasked where nobody can be asked', async () => {
    await inWorkspace(async (workspace) => {
      const { exitCode, output } = await runController(workspace.path, [
        ...['cleanup', '--config', fill(workspace)],
      ]);
      expect(exitCode).toBe(2);
      expect(output).toContain('there is no terminal to ask at');
      expect(existsSync(join(workspace.path, 'cache'))).toBe(false);
    });
  });
});
