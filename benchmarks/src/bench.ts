// npm run bench: what the tool reaches on this machine, beside a plain C loop in the same run.
//
//   npm run bench [-- --seconds N] [--rounds N] [--disk DIRECTORY] [--json]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { Agents, CLoops, type Measurement, median } from './measure.ts';
import { readOptions } from './options.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    disk: { type: 'string', default: '.' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
/** Threads of the C loop, and operations in flight of both agents together. */
const THREADS = 2;

interface Result {
  readonly name: string;
  readonly median: Measurement;
  readonly cLoop?: Measurement;
  /** Operations per second of ours and of the C loop, round by round. */
  readonly rounds?: readonly (readonly [number, number])[];
}

const agents = await Agents.start(2);
const loop = new CLoops();
const results: Result[] = [];
try {
  results.push(measureNull(), measureFiles('memory file system', '/dev/shm'));
  results.push(measureFiles('disk', resolve(values.disk)));
} finally {
  await agents.stop();
  loop.remove();
}
if (values.json) console.log(JSON.stringify({ seconds, rounds, results }, null, 2));
else print();

function measureNull(): Result {
  const runs = repeat(() => agents.put4k('null://', THREADS, seconds));
  return { name: 'no storage (null:)', median: medianOf(runs) };
}

/**
 * Ours and the C loop in turn, each in a directory of its own that is new in every round; every second round ours goes
 * first. Nothing is deleted before the end: ext4 avoids inodes that were freed a short time ago, which costs it up to
 * ten times the work of making a file.
 */
function measureFiles(name: string, parent: string): Result {
  const root = mkdtempSync(join(parent, 'sai3bench-bench-'));
  try {
    const pairs = repeat((round) => {
      const directoryOf = (side: string): string => {
        const directory = join(root, `${side}-${String(round)}`);
        mkdirSync(join(directory, 'new'), { recursive: true });
        return directory;
      };
      const [forC, forOurs] = [directoryOf('c'), directoryOf('ours')];
      const runC = (): Measurement => loop.put4k(join(forC, 'new'), THREADS, seconds);
      const runOurs = (): Measurement => agents.put4k(`file://${forOurs}/`, THREADS, seconds);
      if (round % 2 === 0) return { c: runC(), ours: runOurs() };
      const ours = runOurs();
      return { c: runC(), ours };
    });
    return {
      name,
      median: medianOf(pairs.map(({ ours }) => ours)),
      cLoop: medianOf(pairs.map(({ c }) => c)),
      rounds: pairs.map(({ c, ours }) => [ours.opsPerSecond, c.opsPerSecond] as const),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function repeat<Outcome>(measure: (round: number) => Outcome): Outcome[] {
  return Array.from({ length: rounds }, (_, round) => measure(round));
}

function medianOf(runs: readonly Measurement[]): Measurement {
  return {
    opsPerSecond: median(runs.map(({ opsPerSecond }) => opsPerSecond)),
    cpuUsPerOp: median(runs.map(({ cpuUsPerOp }) => cpuUsPerOp)),
  };
}

function print(): void {
  const model = cpus()[0]?.model ?? 'unknown processor';
  console.log(
    `4 KiB PUT, two agents with one thread each, ${String(seconds)} s, median of ${String(rounds)} (${model}, ${String(availableParallelism())} cores)\n`,
  );
  const row = (...cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(20) : cell.padStart(14))).join('');
  console.log(row('target', 'ops/s', 'CPU us/op', 'C: ops/s', 'C: CPU us/op', 'ratio to C'));
  for (const { cLoop, median: ours, name } of results) {
    console.log(
      row(
        ...[name, ours.opsPerSecond.toFixed(0), ours.cpuUsPerOp.toFixed(2)],
        ...[cLoop?.opsPerSecond.toFixed(0) ?? '', cLoop?.cpuUsPerOp.toFixed(2) ?? ''],
        cLoop === undefined ? '' : (ours.opsPerSecond / cLoop.opsPerSecond).toFixed(2),
      ),
    );
  }
  for (const { name, rounds: pairs = [] } of results) {
    if (pairs.length === 0) continue;
    const ratios = pairs.map(([ours, c]) => (ours / c).toFixed(2));
    console.log(`\n${name}, ratio round by round: ${ratios.join(' ')}`);
  }
}
