import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const PACKAGES = fileURLToPath(new URL('../../packages', import.meta.url));
/** Inside the workspace, so that a snippet finds the packages as a dependant of theirs does. */
const SNIPPETS = fileURLToPath(new URL('../test-output/snippets', import.meta.url));

const names = readdirSync(PACKAGES);

describe.each(names)('the README of %s', (name) => {
  const readme = readFileSync(join(PACKAGES, name, 'README.md'), 'utf8');
  const snippets = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) => code);

  it('shows how it is used', () => {
    expect(snippets).not.toHaveLength(0);
  });

  it.each(snippets.map((code, index) => [index + 1, code] as const))(
    'has a snippet %i that runs',
    (index, code) => {
      mkdirSync(SNIPPETS, { recursive: true });
      const path = join(SNIPPETS, `${name}-${String(index)}.ts`);
      writeFileSync(path, code);
      const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', path], {
        cwd: SNIPPETS,
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    },
  );
});
