// npm run conformance:servers: builds S3 servers that are not of npm, and runs the conformance tests of object-store with them.
//
//   npm run conformance:servers [-- --only versitygw] [--directory CACHE] [--build]      needs Go and its module proxy
//
// What is built stays in CACHE (default ~/.cache/sai3bench/servers), so only the first time takes minutes. --build stops
// after building and prints the PATH with which `npm test` skips nothing for want of a server.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.ts';

/** A server as a Go program, always the same version. */
interface GoProgram {
  readonly name: string;
  readonly module: string;
  readonly version: string;
}

const PROGRAMS: readonly GoProgram[] = [
  {
    name: 'versitygw',
    module: 'github.com/versity/versitygw/cmd/versitygw',
    version: 'v1.8.0',
  },
  {
    name: 'minio',
    module: 'github.com/minio/minio',
    version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
  },
];

const OBJECT_STORE = fileURLToPath(new URL('../../packages/object-store', import.meta.url));
const CACHE = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  ...['sai3bench', 'servers'],
);

const { values } = readOptions(import.meta.url, {
  options: {
    only: { type: 'string', multiple: true },
    directory: { type: 'string', default: CACHE },
    build: { type: 'boolean', default: false },
  },
});

for (const name of values.only ?? []) {
  if (PROGRAMS.some((program) => program.name === name)) continue;
  const known = PROGRAMS.map((program) => program.name).join(' or ');
  throw new Error(`--only ${name}: there is no such server, only ${known}`);
}
const chosen = PROGRAMS.filter(({ name }) => values.only?.includes(name) ?? true);
const directories = chosen.map((program) => build(program, resolve(values.directory)));
const path = [...directories, process.env['PATH'] ?? ''].join(delimiter);
if (values.build) console.log(`PATH=${path}`);
else process.exitCode = testWith(path);

/** The directory that the program is in; its name has the version, so that another version is built anew. */
function build({ module, name, version }: GoProgram, cache: string): string {
  const directory = join(cache, `${name}-${version}`);
  if (existsSync(join(directory, name))) return directory;
  mkdirSync(directory, { recursive: true });
  console.error(`building ${name} ${version} into ${directory}: this takes some minutes`);
  const { error, status } = spawnSync('go', ['install', `${module}@${version}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, GOBIN: directory },
  });
  if (error !== undefined) throw new Error(`Go is needed to build ${name}: ${error.message}`);
  if (status !== 0) throw new Error(`${name} ${version} could not be built: see above`);
  return directory;
}

function testWith(PATH: string): number {
  const { status } = spawnSync('jest', ['conformance'], {
    cwd: OBJECT_STORE,
    stdio: 'inherit',
    env: { ...process.env, PATH, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  });
  return status ?? 1;
}
