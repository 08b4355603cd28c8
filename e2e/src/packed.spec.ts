import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { inWorkspace } from './support/workspace.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL_TIMEOUT_MS = 240_000;

/** The runtime of the repository first, as a user would have it. */
const env = {
  ...process.env,
  NODE_OPTIONS: '',
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
};

function sh(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Folders of everything that is published. */
function publishedFolders(): string[] {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(ROOT, parent)).map((name) => join(ROOT, parent, name)))
    .filter((folder) => {
      const file = join(folder, 'package.json');
      if (!existsSync(file)) return false;
      return (JSON.parse(readFileSync(file, 'utf8')) as { private?: boolean }).private !== true;
    });
}

describe('the published packages', () => {
  it(
    'install into an empty folder, can be imported, and bring both programs',
    async () => {
      await inWorkspace(async (workspace) => {
        const tarballs = join(workspace.path, 'tarballs');
        const user = join(workspace.path, 'user');
        mkdirSync(tarballs);
        mkdirSync(user);
        const folders = publishedFolders();
        const names = folders.map(
          (folder) =>
            (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string })
              .name,
        );
        sh('npm', ['pack', '--silent', '--pack-destination', tarballs, ...folders], workspace.path);
        const files = readdirSync(tarballs).map((name) => join(tarballs, name));
        expect(files).toHaveLength(names.length);
        writeFileSync(join(user, 'package.json'), '{"private": true, "type": "module"}');
        sh('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...files], user);

        const libraries = names.filter((name) => name.startsWith('@sai3bench/'));
        writeFileSync(
          join(user, 'import.mjs'),
          `for (const name of ${JSON.stringify(libraries)}) {
  const library = await import(name);
  if (Object.keys(library).length === 0) throw new Error(name + ' exports nothing');
}
console.log('imported');`,
        );
        expect(sh('node', ['import.mjs'], user)).toBe('imported\n');

        for (const program of ['sai3bench-ctl', 'sai3bench-agent']) {
          expect(sh('npx', ['--no-install', program, '--help'], user)).toContain(
            `Usage: ${program}`,
          );
        }
        writeFileSync(
          join(user, 'null.yaml'),
          'target: "null:"\nduration: 300ms\nworkload: [{op: put, path: x/, object_size: 10, weight: 1}]\n',
        );
        expect(
          sh('npx', ['--no-install', 'sai3bench-ctl', 'run', '--config', 'null.yaml'], user),
        ).toContain('Results saved to:');

        // Nothing but what a user needs is in the packages.
        const installed = libraries.flatMap((name) =>
          readdirSync(join(user, 'node_modules', name), { recursive: true, encoding: 'utf8' }),
        );
        expect(installed.filter((file) => /\.spec\.|testing\/|tsbuildinfo/.test(file))).toEqual([]);
      });
    },
    INSTALL_TIMEOUT_MS,
  );

  it('say clearly that a Node.js is too old', () => {
    for (const [app, program] of [
      ['controller', 'sai3bench-ctl'],
      ['agent', 'sai3bench-agent'],
    ]) {
      const binary = join(ROOT, 'apps', app ?? '', 'bin', `${program ?? ''}.js`);
      const asOld = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' }); await import(${JSON.stringify(binary)});`;
      let message = '';
      try {
        sh('node', ['--input-type=module', '--eval', asOld], ROOT);
      } catch (error) {
        message = String((error as { stderr?: string }).stderr);
      }
      expect(message).toContain(
        `${program ?? ''} needs Node.js 22.18 or newer, but this is 20.20.2`,
      );
    }
  });
});
