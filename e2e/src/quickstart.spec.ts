import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { countOf } from './support/tables.ts';
import { inWorkspace } from './support/workspace.ts';

const QUICKSTART = fileURLToPath(new URL('../../tools/quickstart.mjs', import.meta.url));

it('the quickstart runs against S3 and files, says where the results are, and leaves no objects', async () => {
  await inWorkspace(async (workspace) => {
    const objects = join(workspace.path, 'objects');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [QUICKSTART, '--results-dir', workspace.path, '--objects-dir', objects],
      {
        encoding: 'utf8',
        cwd: workspace.path,
        // Whoever runs the tests may have a token, which is not to be used.
        env: {
          ...process.env,
          NODE_OPTIONS: '',
          SAI3BENCH_TOKEN: '',
          XDG_CONFIG_HOME: join(workspace.path, 'config'),
        },
      },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const results = workspace.results();
    expect(results).toHaveLength(2);
    for (const directory of results) {
      expect(stdout).toContain(`Results saved to: ${directory}`);
      for (const operation of ['GET', 'PUT', 'STAT', 'LIST']) {
        expect(countOf(directory, '03_execute_results.tsv', operation)).toBeGreaterThan(0);
      }
    }
    expect(existsSync(objects)).toBe(false);
  });
});
