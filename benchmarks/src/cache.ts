// npm run bench:cache: what the metadata cache costs: marking, opening, room on disk, random changes, checkpoints.
//
//   npm run bench:cache [-- --objects N] [--random-objects N] [--seconds N] [--directory DIRECTORY] [--json]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  allocateObjectStates,
  MetadataCache,
  OBJECT_STATES,
  ObjectStates,
  readCheckpoint,
  writeCheckpoint,
} from '@sai3bench/metadata-cache';
import { type AgentPlan, parseWorkload, planAgent } from '@sai3bench/workload-config';
import type { SideStore } from '../../packages/workload-engine/src/dataset/side-store.ts';
import { openSideStore } from '../../packages/workload-engine/src/testing/open-side-store.ts';
import { median } from './measure.ts';
import { readOptions } from './options.ts';
import { startTestServer } from './test-server.ts';

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
const OBJECTS = Number(flags.objects);
const MEGABYTE = 1e6;
const CHECKPOINT = '.sai3-cache-agent-1.tar.zst';

/** One number beside what it has to reach. */
interface Result {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Undefined where nothing is promised. */
  readonly target?: number;
  /** Whether more is better. */
  readonly atLeast?: boolean;
}

function makeStates(count: number): ObjectStates {
  return new ObjectStates(allocateObjectStates(count), count);
}

/** Every object in a state of its own choice. */
function mix(states: ObjectStates): void {
  let seed = 1;
  for (let index = 0; index < states.count; index++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    states.set(index, OBJECT_STATES[(seed >>> 16) % OBJECT_STATES.length] ?? 'planned');
  }
}

function open(directory: string): Promise<MetadataCache> {
  return MetadataCache.open({ directory, bootId: 'benchmark', now: () => new Date() });
}

async function attach(cache: MetadataCache, states: ObjectStates): Promise<void> {
  await cache.attach({ identity: 'pool', begin: 0, generation: 1, states });
}

/** Megabytes of all files of a directory. */
function sizeOf(directory: string): number {
  const files = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
  return files.reduce((sum, size) => sum + size, 0) / MEGABYTE;
}

async function timed(work: () => unknown): Promise<number> {
  const beginMs = performance.now();
  await work();
  return performance.now() - beginMs;
}

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(flags.directory, 'sai3bench-cache-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Consecutive objects, with a flush every second as in a prepare, and how much room that leaves taken. */
async function prepare(): Promise<Result[]> {
  return inDirectory(async (directory) => {
    const states = makeStates(OBJECTS);
    states.fill(0, OBJECTS, 'planned');
    const cache = await open(directory);
    await attach(cache, states);
    await cache.flush();
    const step = 1_000_000;
    const marks: number[] = [];
    const flushes: number[] = [];
    let largest = 0;
    for (let begin = 0; begin < OBJECTS; begin += step) {
      const end = Math.min(begin + step, OBJECTS);
      marks.push(
        await timed(() => {
          for (let index = begin; index < end; index++) states.set(index, 'created');
        }),
      );
      flushes.push(await timed(() => cache.flush()));
      largest = Math.max(largest, sizeOf(directory));
    }
    await cache.close();
    const perSecond = (step / median(marks)) * 1000;
    return [
      {
        what: 'marking consecutive objects',
        value: perSecond / 1e6,
        unit: 'M/s',
        target: 1,
        atLeast: true,
      },
      { what: 'flush after a million of them', value: median(flushes), unit: 'ms', target: 100 },
      {
        what: 'room on disk while they are prepared, at most',
        value: largest,
        unit: 'MB',
        target: 32,
      },
      {
        what: 'room on disk once all are created',
        value: sizeOf(directory),
        unit: 'MB',
        target: 32,
      },
    ];
  });
}

/** A cache of all objects in random states: its size, and opening it and finding the missing ones. */
async function reopen(): Promise<Result[]> {
  const results: Result[] = [];
  for (const [name, change] of [
    [
      '112 of them missing',
      (states: ObjectStates) => {
        states.fill(0, OBJECTS, 'created');
        for (let n = 0; n < 112; n++) states.set((n * 571_427) % OBJECTS, 'creating');
      },
    ],
    ['in random states', mix],
  ] as const) {
    await inDirectory(async (directory) => {
      const states = makeStates(OBJECTS);
      const cache = await open(directory);
      await attach(cache, states);
      change(states);
      let largest = 0;
      const watch = setInterval(() => {
        largest = Math.max(largest, sizeOf(directory));
      }, 5);
      const flushMs = await timed(() => cache.flush());
      clearInterval(watch);
      await cache.close();
      const times: number[] = [];
      const expected = OBJECTS - states.countOf('created');
      const before = process.cpuUsage();
      for (let round = 0; round < 5; round++) {
        const found = makeStates(OBJECTS);
        times.push(
          await timed(async () => {
            const again = await open(directory);
            await attach(again, found);
            let missing = 0;
            for (let begin = found.nextNotIn('created', 0); begin < OBJECTS;) {
              const end = found.nextIn('created', begin);
              missing += end - begin;
              begin = found.nextNotIn('created', end);
            }
            if (missing !== expected) throw new Error('objects are lost');
            await again.close();
          }),
        );
      }
      const cpu = process.cpuUsage(before);
      const cpuMs = (cpu.user + cpu.system) / 1000 / times.length;
      results.push(
        { what: `room on disk, ${name}`, value: sizeOf(directory), unit: 'MB', target: 32 },
        {
          what: `room on disk while that is written, at most`,
          value: largest,
          unit: 'MB',
          target: 32,
        },
        { what: `first flush, ${name}`, value: flushMs, unit: 'ms' },
        {
          what: `opening and finding the missing, ${name}`,
          value: median(times),
          unit: 'ms',
          target: 1000,
        },
        { what: `processor time of that, ${name}`, value: cpuMs, unit: 'ms' },
      );
    });
  }
  return results;
}

/** Random changes at a steady rate, with a flush every second. */
async function randomChanges(): Promise<Result[]> {
  const count = Number(flags['random-objects']);
  const seconds = Number(flags.seconds);
  const perTick = 400;
  const tickMs = 20;
  return inDirectory(async (directory) => {
    const states = makeStates(count);
    states.fill(0, count, 'created');
    const cache = await open(directory);
    await attach(cache, states);
    await cache.flush();
    const flushes: number[] = [];
    const bytes: number[] = [];
    const before = process.cpuUsage();
    const beginMs = performance.now();
    let nextFlushMs = beginMs + 1000;
    let changes = 0;
    let flushing: Promise<void> | undefined;
    while (performance.now() - beginMs < seconds * 1000) {
      const due = ((performance.now() - beginMs) / tickMs) * perTick;
      for (; changes < due; changes++) {
        const index = Math.floor(Math.random() * count);
        states.set(index, changes % 2 === 0 ? 'deleted' : 'creating');
      }
      if (performance.now() >= nextFlushMs && flushing === undefined) {
        nextFlushMs += 1000;
        const flushBeginMs = performance.now();
        flushing = cache.flush().then(({ writtenBytes }) => {
          flushes.push(performance.now() - flushBeginMs);
          bytes.push(writtenBytes);
          flushing = undefined;
        });
      }
      await sleep(tickMs);
    }
    await flushing;
    const cpu = process.cpuUsage(before);
    const elapsedMs = performance.now() - beginMs;
    const sizeMb = sizeOf(directory);
    const expected = states.counts();
    await cache.close();
    const found = makeStates(count);
    const again = await open(directory);
    const openMs = await timed(() => attach(again, found));
    if (JSON.stringify(found.counts()) !== JSON.stringify(expected))
      throw new Error('changes are lost');
    await again.close();
    const sharePct = ((cpu.user + cpu.system) / 1000 / elapsedMs) * 100;
    return [
      {
        what: 'random changes',
        value: (changes / elapsedMs) * 1000,
        unit: '/s',
        target: 20_000 * 0.98,
        atLeast: true,
      },
      { what: 'processor share of changes and flushes', value: sharePct, unit: '%', target: 5 },
      { what: 'flush of random changes, median', value: median(flushes), unit: 'ms', target: 100 },
      { what: 'flush of random changes, longest', value: Math.max(...flushes), unit: 'ms' },
      { what: 'written by a flush, median', value: median(bytes) / MEGABYTE, unit: 'MB' },
      { what: 'room on disk after random changes', value: sizeMb, unit: 'MB' },
      { what: 'attaching that again', value: openMs, unit: 'ms' },
    ];
  });
}

/**
 * A checkpoint of all objects in random states, from its snapshot to the end of its upload to a server in another
 * process that keeps none of it. It is made in a process of its own, whose memory is measured.
 */
async function checkpoint(): Promise<Result[]> {
  const server = await startTestServer('--lengths-only');
  Object.assign(process.env, server.env);
  const store = await openSideStore(planFor(`s3://${server.host}/bucket/`));
  try {
    return await inDirectory((directory) => measureCheckpoints(join(directory, 'copy'), store));
  } finally {
    store.close();
    await server.stop();
  }
}

async function measureCheckpoints(path: string, store: SideStore): Promise<Result[]> {
  const states = makeStates(OBJECTS);
  mix(states);
  const idleMb = process.memoryUsage().rss / MEGABYTE;
  let largestMb = idleMb;
  const watch = setInterval(() => {
    largestMb = Math.max(largestMb, process.memoryUsage().rss / MEGABYTE);
  }, 2);
  const range = { begin: 0, end: OBJECTS, generation: 1, sequence: 1 };
  const pools = [{ identity: 'pool', range, states }];
  let sizeBytes = 0;
  const writes: number[] = [];
  const uploads: number[] = [];
  for (let round = 0; round < 3; round++) {
    writes.push(
      await timed(async () => {
        const content = { agent: 'agent-1', bootId: 'benchmark', createdAt: new Date(), pools };
        ({ sizeBytes } = await writeCheckpoint(path, content));
      }),
    );
    uploads.push(await timed(() => store.putFile(CHECKPOINT, path)));
    if ((await store.stat(CHECKPOINT)) !== sizeBytes) throw new Error('the upload is not whole');
  }
  clearInterval(watch);
  const readMs = await timed(() => readCheckpoint(path));
  const wholes = writes.map((writeMs, round) => writeMs + (uploads[round] ?? 0));
  return [
    {
      what: 'checkpoint with its upload, random states',
      value: median(wholes),
      unit: 'ms',
      target: 2000,
    },
    { what: 'of that the upload', value: median(uploads), unit: 'ms' },
    { what: 'memory of a checkpoint', value: largestMb - idleMb, unit: 'MB', target: 100 },
    { what: 'size of the checkpoint', value: sizeBytes / MEGABYTE, unit: 'MB' },
    { what: 'checking it', value: readMs, unit: 'ms' },
  ];
}

function planFor(target: string): AgentPlan {
  const yaml = `target: ${target}\nworkload: [{op: get, path: x, weight: 1}]\n`;
  return planAgent(parseWorkload(yaml, 'cache.yaml'), {
    ...{ agentId: 'agent-1', agentIndex: 0, agentCount: 1, entry: undefined },
    ...{ runId: 'benchmark', dataSeed: '1' },
  });
}

const PARTS = { prepare, reopen, randomChanges, checkpoint };

async function run(): Promise<void> {
  if (flags.only !== undefined) {
    const part = PARTS[flags.only as keyof typeof PARTS];
    console.log(JSON.stringify(await part()));
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
    console.log(JSON.stringify({ objects: OBJECTS, results }, undefined, 2));
    return;
  }
  for (const { what, value, unit, target, atLeast } of results) {
    const passed = target === undefined || (atLeast === true ? value >= target : value <= target);
    const promise = target === undefined ? '' : `${atLeast === true ? '>=' : '<='} ${target}`;
    console.log(
      `${passed ? ' ' : '!'} ${what.padEnd(60)}${value.toFixed(2).padStart(12)} ${unit.padEnd(4)} ${promise}`,
    );
  }
}

await run();
