// npm run bench:file: files beside plain C and fio in the same run, in turn, by one agent.
//
//   npm run bench:file [-- --seconds N] [--rounds N] [--depth N] [--memory DIRECTORY] [--disk DIRECTORY] [--json]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { fioRead, fioWrite, hasFio } from './fio.ts';
import { Agents, CLoops, median } from './measure.ts';
import { readOptions } from './options.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '9' },
    depth: { type: 'string', default: '1' },
    memory: { type: 'string', default: '/dev/shm' },
    disk: { type: 'string', default: '.' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const depth = Number(values.depth);
const MIB = 1024 * 1024;
/** Files of the direct cases: large, so that what is measured are blocks. */
const LARGE_BYTES = 256 * MIB;
const SMALL_FILES = 10_000;

/** One comparison; both sides work in a directory that is new in every round, and yield a rate. */
interface Case {
  readonly name: string;
  readonly reference: string;
  readonly unit: string;
  readonly target: number;
  readonly parent: string;
  /** Makes what the reference reads, where it goes first: ours makes it anew in each turn. */
  readonly prepare?: (directory: string) => void;
  readonly ours: (directory: string) => number;
  readonly other: (directory: string) => number;
}

interface Result extends Pick<Case, 'name' | 'reference' | 'target' | 'unit'> {
  readonly ours: number;
  readonly other: number;
  /** The median of the rounds' ratios. */
  readonly ratio: number;
  /** How far the reference spreads: (highest - lowest) / median. */
  readonly spread: number;
  readonly rounds: readonly (readonly [number, number])[];
}

const agents = await Agents.start(1);
const loops = new CLoops();
const results: Result[] = [];
try {
  results.push(compare(putSmall()), compare(getSmall()));
  if (hasFio()) results.push(compare(writeDirect()), compare(readDirect()));
  else console.error('fio is not installed: the direct cases are left out');
} finally {
  await agents.stop();
  loops.remove();
}
if (values.json) console.log(JSON.stringify({ seconds, rounds, depth, results }, null, 2));
else print();

function putSmall(): Case {
  return {
    ...{ name: 'PUT 4 KiB, memory', reference: 'C', unit: 'ops/s', target: 0.8 },
    parent: values.memory,
    ours: (directory) =>
      thenRemoved(join(directory, 'ours'), (own) => agents.put4k(`file://${own}/`, 1, seconds))
        .opsPerSecond,
    other: (directory) =>
      thenRemoved(join(directory, 'c'), (own) => {
        mkdirSync(join(own, 'new'), { recursive: true });
        return loops.put4k(join(own, 'new'), 1, seconds);
      }).opsPerSecond,
  };
}

/**
 * Gives the memory of files back before the other side writes: whoever got memory that had never been used, on a virtual
 * machine also not by its host, came a quarter slower.
 */
function thenRemoved<Result>(directory: string, act: (directory: string) => Result): Result {
  try {
    return act(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function getSmall(): Case {
  return {
    ...{ name: 'GET 4 KiB, memory', reference: 'C', unit: 'ops/s', target: 0.5 },
    parent: values.memory,
    prepare: (directory) => {
      agents.run(readWorkload(`file://${directory}/`, SMALL_FILES, 4096, 1, 1), 'GET');
    },
    ours: (directory) =>
      agents.run(readWorkload(`file://${directory}/`, SMALL_FILES, 4096, 1), 'GET').opsPerSecond,
    other: (directory) => loops.get4k(join(directory, 'data'), seconds).opsPerSecond,
  };
}

function writeDirect(): Case {
  return {
    ...{ name: 'direct write 4 MiB', reference: 'fio', unit: 'MiB/s', target: 0.95 },
    parent: resolve(values.disk),
    ours: (directory) => {
      const { opsPerSecond } = agents.run(
        `target: "direct://${directory}/"
concurrency: ${String(depth)}
duration: ${String(seconds)}s
workload: [{op: put, path: new/, object_size: ${String(LARGE_BYTES)}, weight: 1}]
`,
        'PUT',
      );
      return (opsPerSecond * LARGE_BYTES) / MIB;
    },
    other: (directory) => {
      mkdirSync(join(directory, 'fio'));
      return fioWrite(join(directory, 'fio'), depth, { fileBytes: LARGE_BYTES, seconds }) / MIB;
    },
  };
}

function readDirect(): Case {
  return {
    ...{ name: 'direct read 4 MiB', reference: 'fio', unit: 'MiB/s', target: 0.95 },
    parent: resolve(values.disk),
    prepare: (directory) => {
      agents.run(readWorkload(`direct://${directory}/`, depth, LARGE_BYTES, depth, 1), 'GET');
    },
    ours: (directory) => {
      const workload = readWorkload(`direct://${directory}/`, depth, LARGE_BYTES, depth);
      return (agents.run(workload, 'GET').opsPerSecond * LARGE_BYTES) / MIB;
    },
    other: (directory) => {
      const files = Array.from({ length: depth }, (_, index) =>
        join(directory, 'data', `prepared-${String(index).padStart(8, '0')}.dat`),
      );
      return fioRead(files, { fileBytes: LARGE_BYTES, seconds }) / MIB;
    },
  };
}

/** A workload that makes objects below `data/` and reads them. */
function readWorkload(
  target: string,
  count: number,
  bytes: number,
  concurrency: number,
  durationSeconds = seconds,
): string {
  return `target: "${target}"
concurrency: ${String(concurrency)}
duration: ${String(durationSeconds)}s
enable_metadata_cache: false
prepare: {force_overwrite: true, ensure_objects: [{base_uri: data/, count: ${String(count)}, size_spec: ${String(bytes)}}]}
workload: [{op: get, path: "data/*", weight: 1}]
`;
}

/** Runs both sides in turn; ours goes first in every second round. */
function compare({ name, other, ours, parent, prepare, reference, target, unit }: Case): Result {
  const pairs = Array.from({ length: rounds }, (_, round) => {
    const directory = mkdtempSync(join(parent, 'sai3bench-bench-'));
    try {
      if (round % 2 === 1) {
        const rate = ours(directory);
        return [rate, other(directory)] as const;
      }
      prepare?.(directory);
      const rate = other(directory);
      return [ours(directory), rate] as const;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
  const others = pairs.map(([, rate]) => rate);
  return {
    ...{ name, reference, target, unit },
    ours: median(pairs.map(([rate]) => rate)),
    other: median(others),
    ratio: median(pairs.map(([a, b]) => a / b)),
    spread: (Math.max(...others) - Math.min(...others)) / median(others),
    rounds: pairs,
  };
}

function print(): void {
  const model = cpus()[0]?.model ?? 'unknown processor';
  console.log(
    `Files, one agent, ${String(seconds)} s, median of ${String(rounds)} (${model}, ${String(availableParallelism())} cores); direct: ${String(depth)} in flight\n`,
  );
  const row = (...cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(13))).join('');
  console.log(row('work', 'unit', 'ours', 'reference', 'ratio', 'target', 'ref. spread'));
  for (const { name, other, ours, ratio, reference, spread, target, unit } of results) {
    console.log(
      row(
        ...[name, unit, ours.toFixed(0), `${reference} ${other.toFixed(0)}`],
        ...[ratio.toFixed(2), target.toFixed(2), `${(spread * 100).toFixed(0)} %`],
      ),
    );
  }
  for (const { name, rounds: pairs } of results) {
    const ratios = pairs.map(([ours, other]) => (ours / other).toFixed(2));
    console.log(`\n${name}, ratio round by round: ${ratios.join(' ')}`);
  }
}
