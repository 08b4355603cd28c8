// The folders of all workspace projects.
import { readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';

export const root = new URL('..', import.meta.url).pathname;

export function projectFolders() {
  const below = (parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name));
  return [
    ...below('packages'),
    ...below('apps'),
    join(root, 'e2e'),
    join(root, 'benchmarks'),
  ].filter((folder) => existsSync(join(folder, 'package.json')));
}
