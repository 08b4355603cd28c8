import { describe, expect, it } from '@jest/globals';
import type { StageRecord } from '@sai3bench/results-dir';
import { runController } from './support/programs.ts';
import { readResult } from './support/tables.ts';
import { inWorkspace } from './support/workspace.ts';

describe('the results name the durability of what was written', () => {
  it.each([
    ['file', '', 'page_cache'],
    ['file', 'fsync: true', 'fsync'],
    ['direct', '', 'o_direct'],
    ['direct', 'fsync: true', 'o_direct_fsync'],
  ])('to %s:// with "%s": %s', async (scheme, fsync, durability) => {
    await inWorkspace(async (workspace) => {
      const config = workspace.workload(
        'flush.yaml',
        `target: ${scheme}://${workspace.path}/data/
concurrency: 2
${fsync}
prepare: {ensure_objects: [{count: 20, size_spec: 5000}]}
distributed: {stages: [{name: fill, order: 1, type: prepare}]}
`,
      );
      const { exitCode } = await runController(workspace.path, [
        ...['run', '--config', config, '--start-delay', '0'],
      ]);
      expect(exitCode).toBe(0);
      const [results = ''] = workspace.results();
      const { stages } = JSON.parse(readResult(results, 'metadata.json')) as {
        stages: readonly StageRecord[];
      };
      const endpoints = stages.flatMap((stage) => stage.endpoints);
      expect(endpoints).toMatchObject([{ requests: 20, errors: 0, durability }]);
    });
  });
});
