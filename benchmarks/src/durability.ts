// npm run bench:durability: what a prepare loses when its process is killed, on files and on S3. Fails when an object is said to be
// created that is not there, or when something is made again that was made more than a flush interval before the cache was last written.
//
//   npm run bench:durability [-- --kills N] [--objects N] [--longest-ms N] [--directory DIRECTORY] [--json]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Kill,
  KilledPrepare,
  spreadLives,
} from '../../packages/workload-engine/src/testing/kills/killed-prepare.ts';
import {
  type LastingStorage,
  openLastingBucket,
  openLastingFiles,
} from '../../packages/workload-engine/src/testing/kills/lasting-storage.ts';
import { median } from './measure.ts';
import { readOptions } from './options.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    kills: { type: 'string', default: '500' },
    objects: { type: 'string', default: '200000' },
    'longest-ms': { type: 'string', default: '3000' },
    directory: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const objects = Number(values.objects);
const FLUSH_INTERVAL_MS = 1000;
const PROGRESS_KILLS = 25;

/** What all kills on one storage have shown. */
interface Summary {
  readonly storage: string;
  readonly kills: number;
  /** Processes that went on from a cache as a killed one had left it. */
  readonly resumed: number;
  /** Processes that have written down something before they were killed. */
  readonly progressed: number;
  /** Objects that all processes have written down as created. */
  readonly created: number;
  readonly falselyCreated: number;
  readonly again: number;
  /** How long before the kill the first object was made that is made again. */
  readonly againMedianMs: number;
  readonly againLongestMs: number;
  /** Kills after which that was longer than a flush interval. */
  readonly againTooLong: number;
  /** The same before the cache was last written. */
  readonly overlookedLongestMs: number;
  readonly violations: number;
}

const directory = mkdtempSync(join(values.directory, 'sai3bench-durability-'));
const onFiles = Math.ceil(Number(values.kills) / 2);
const summaries: Summary[] = [];
try {
  const files = openLastingFiles(join(directory, 'data'));
  summaries.push(await killOn('files', files, onFiles));
  summaries.push(await killOn('S3', await openLastingBucket(), Number(values.kills) - onFiles));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
report();

/** Kills a prepare on a storage again and again, and lets it come to its end. */
async function killOn(name: string, storage: LastingStorage, count: number): Promise<Summary> {
  const place = mkdtempSync(join(directory, 'caches-'));
  try {
    const prepare = new KilledPrepare({ storage, directory: place, objects });
    const kills: Kill[] = [];
    for (const lifeMs of spreadLives(count, Number(values['longest-ms']))) {
      const kill = await prepare.kill(lifeMs);
      if (kill === undefined) {
        throw new RangeError(
          `all objects are made in ${lifeMs.toFixed()} ms: ask for more --objects`,
        );
      }
      kills.push(kill);
      if (!values.json && kills.length % PROGRESS_KILLS === 0) {
        console.log(`${name}: ${String(kills.length)} of ${String(count)} kills`);
      }
    }
    const end = await prepare.finish();
    const isWhole = end.created === objects && end.falselyCreated === 0;
    return summarize(name, kills, isWhole ? 0 : 1);
  } finally {
    await storage.close();
  }
}

function summarize(storage: string, kills: readonly Kill[], violationsAtEnd: number): Summary {
  const sum = (of: (kill: Kill) => number): number =>
    kills.reduce((total, kill) => total + of(kill), 0);
  const count = (holds: (kill: Kill) => boolean): number => kills.filter(holds).length;
  const isViolation = (kill: Kill): boolean =>
    kill.falselyCreated > 0 ||
    kill.progress < 0 ||
    kill.overlookedMs >= FLUSH_INTERVAL_MS ||
    kill.saysSo !== kill.isResumed;
  return {
    ...{ storage, kills: kills.length, resumed: count(({ isResumed }) => isResumed) },
    progressed: count(({ progress }) => progress > 0),
    created: sum(({ progress }) => progress),
    falselyCreated: sum(({ falselyCreated }) => falselyCreated),
    again: sum(({ again }) => again),
    againMedianMs: median(kills.map(({ againMs }) => againMs)),
    againLongestMs: Math.max(...kills.map(({ againMs }) => againMs)),
    againTooLong: count(({ againMs }) => againMs > FLUSH_INTERVAL_MS),
    overlookedLongestMs: Math.max(...kills.map(({ overlookedMs }) => overlookedMs)),
    violations: count(isViolation) + violationsAtEnd,
  };
}

function report(): void {
  if (values.json) console.log(JSON.stringify({ objects, summaries }, null, 2));
  else {
    for (const each of summaries) {
      console.log(`${each.storage}: ${String(each.kills)} kills, ${String(each.resumed)} processes that went on from the cache of a killed one
  ${String(each.progressed)} wrote something down before they were killed, ${String(each.created)} objects in all
  ${String(each.falselyCreated)} objects that are not there were said to be created
  ${String(each.again)} objects were made again, the first of them made ${each.againMedianMs.toFixed(0)} ms before the kill (median; at most ${each.againLongestMs.toFixed(0)}),
  after ${String(each.againTooLong)} kills more than ${String(FLUSH_INTERVAL_MS)} ms; at most ${each.overlookedLongestMs.toFixed(0)} ms before the cache was last written
  ${String(each.violations)} violations`);
    }
  }
  if (summaries.some(({ violations }) => violations > 0)) process.exitCode = 1;
}
