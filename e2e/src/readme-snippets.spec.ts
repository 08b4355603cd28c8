import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const PACKAGES = fileURLToPath(new URL('../../packages', import.meta.url));
/** Inside the workspace, so that a snippet finds the packages as a dependant of theirs does. */
const SNIPPETS = fileURLToPath(new URL('../test-output/snippets', import.meta.url));

const COMPILER = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
/** What the dependant's own compiler is told; packages are found as they are published. */
const COMPILER_OPTIONS = {
  ...{ module: 'nodenext', target: 'es2024', strict: true, noEmit: true },
  ...{ types: ['node'], skipLibCheck: true },
};

interface Snippet {
  readonly name: string;
  readonly path: string;
}

/** The snippets of a README, written to files. */
function snippetsOf(name: string): Snippet[] {
  const readme = readFileSync(join(PACKAGES, name, 'README.md'), 'utf8');
  return [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code = ''], index) => {
    const path = join(SNIPPETS, `${name}-${String(index + 1)}.ts`);
    writeFileSync(path, code);
    return { name: `${name}, snippet ${String(index + 1)}`, path };
  });
}

rmSync(SNIPPETS, { recursive: true, force: true });
mkdirSync(SNIPPETS, { recursive: true });
const names = readdirSync(PACKAGES);
const snippets = names.flatMap(snippetsOf);

describe('the READMEs of the packages', () => {
  it.each(names)('show how %s is used', (name) => {
    expect(snippetsOf(name)).not.toHaveLength(0);
  });

  it('have snippets that a compiler takes', () => {
    const project = join(SNIPPETS, 'tsconfig.json');
    const files = snippets.map(({ path }) => path);
    writeFileSync(project, JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files }));
    const { status, stdout } = spawnSync(process.execPath, [COMPILER, '--project', project], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it.each(snippets)('have a snippet that runs: $name', ({ path }) => {
    const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', path], {
      cwd: SNIPPETS,
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
