// npm run bench:cache: what the metadata cache costs: marking, opening, room on disk, random changes, checkpoints.
//
//   npm run bench:cache [-- --objects N] [--random-objects N] [--seconds N] [--directory DIRECTORY] [--json]
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { checkpoint } from './cache/checkpoint.ts';
import type { CacheOptions } from './cache/measured-cache.ts';
import { prepare } from './cache/prepare.ts';
import { randomChanges } from './cache/random-changes.ts';
import { reopen } from './cache/reopen.ts';
import { describeResult, type Result } from './cache/result.ts';
import { readOptions } from './options.ts';

const { values: flags } = readOptions(import.meta.url, {
  options: {
    objects: { type: 'string', default: '64000000' },
    'random-objects': { type: 'string', default: '1000000000' },
    seconds: { type: 'string', default: '20' },
    directory: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

const OPTIONS: CacheOptions = {
  objects: Number(flags.objects),
  randomObjects: Number(flags['random-objects']),
  seconds: Number(flags.seconds),
  directory: flags.directory,
};
const PARTS = { prepare, reopen, randomChanges, checkpoint };

async function run(): Promise<void> {
  if (flags.only !== undefined) {
    const part = PARTS[flags.only as keyof typeof PARTS];
    console.log(JSON.stringify(await part(OPTIONS)));
    return;
  }
  // Each in a process of its own, so that none pays for the memory of the others.
  const self = fileURLToPath(import.meta.url);
  const results = Object.keys(PARTS).flatMap((part) => {
    const args = [...process.execArgv, self, ...process.argv.slice(2), '--only', part];
    const text = execFileSync(process.execPath, args, { encoding: 'utf8' });
    return JSON.parse(text) as Result[];
  });
  if (flags.json) {
    console.log(JSON.stringify({ objects: OPTIONS.objects, results }, undefined, 2));
    return;
  }
  for (const result of results) console.log(describeResult(result));
}

await run();
