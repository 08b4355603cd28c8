// npm run bench:engine: what the engine alone does, against a store that does nothing, with one worker thread and with two.
//
//   npm run bench:engine [-- --seconds N] [--rounds N] [--json]
import { availableParallelism, cpus } from 'node:os';
import { Agents, median } from './measure.ts';
import { readOptions } from './options.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const SAMPLE_MS = 100;
/** Starting and stopping are left out of the processor time. */
const EDGE_MS = 500;
/** Each operation in flight beyond the first thread's has a thread of its own, as long as there are cores. */
const THREADS = [1, 2] as const;
const TARGET_RATIO = 1.8;
const TARGET_OPS = 1e6;
/** A round tells something when each worker had so much of a core. */
const CORE_SHARE = 0.9;

interface Round {
  readonly opsPerSecond: number;
  /** Operations for each second of processor time that the agent's processes used: what a whole core would do. */
  readonly opsPerCpuSecond: number;
  /** How many cores that were: less than there are workers when others took some. */
  readonly coresUsed: number;
}

if (availableParallelism() < 2) throw new Error('two worker threads need two cores');
const agents = await Agents.start(1);
const pairs: (readonly [Round, Round])[] = [];
try {
  for (let round = 0; round < rounds; round++) {
    // Who goes first changes, so that a slow change of the machine favours nobody.
    const [first, second] = round % 2 === 0 ? THREADS : ([2, 1] as const);
    const a = await measure(first);
    const b = await measure(second);
    pairs.push(first === 1 ? [a, b] : [b, a]);
  }
} finally {
  await agents.stop();
}
report();

async function measure(threads: number): Promise<Round> {
  const samples: { readonly ms: number; readonly cpuSeconds: number }[] = [];
  const sampler = setInterval(() => {
    const { cpuSeconds, processes } = agents.usage();
    if (processes >= 2) samples.push({ ms: performance.now(), cpuSeconds });
  }, SAMPLE_MS);
  const { opsPerSecond } = await agents
    .runMeanwhile(
      `target: "null://"
concurrency: ${String(threads)}
duration: ${String(seconds)}s
workload: [{op: put, path: new/, object_size: 4KiB, weight: 1}]
`,
      'PUT',
    )
    .finally(() => {
      clearInterval(sampler);
    });
  const cores = coresUsed(samples);
  return { opsPerSecond, opsPerCpuSecond: opsPerSecond / cores, coresUsed: cores };
}

/** Cores that were busy for us in the middle of a run; its last process has ended with the last sample. */
function coresUsed(
  samples: readonly { readonly ms: number; readonly cpuSeconds: number }[],
): number {
  const endMs = (samples.at(-1)?.ms ?? 0) - EDGE_MS;
  const beginMs = endMs - (seconds * 1000 - 2 * EDGE_MS);
  const within = samples.filter(({ ms }) => ms >= beginMs && ms <= endMs);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || last === first) return Number.NaN;
  return (last.cpuSeconds - first.cpuSeconds) / ((last.ms - first.ms) / 1000);
}

function report(): void {
  const one = summary(0);
  const two = summary(1);
  const ratio = median(pairs.map(([a, b]) => b.opsPerSecond / a.opsPerSecond));
  const undisturbed = pairs.filter(
    ([a, b]) => a.coresUsed >= CORE_SHARE && b.coresUsed >= 2 * CORE_SHARE,
  ).length;
  const cpuRatio = median(pairs.map(([a, b]) => (2 * b.opsPerCpuSecond) / a.opsPerCpuSecond));
  if (values.json) {
    console.log(
      JSON.stringify({ seconds, rounds, one, two, ratio, cpuRatio, undisturbed, pairs }, null, 2),
    );
    return;
  }
  console.log(
    `4 KiB PUT to null://, one agent, ${String(seconds)} s, median of ${String(rounds)} (${cpus()[0]?.model ?? 'unknown processor'}, ${String(availableParallelism())} cores)\n`,
  );
  const row = (...cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(14) : cell.padStart(18))).join('');
  console.log(row('', 'ops/s', 'ops/s per worker', 'ops per CPU s', 'cores used'));
  for (const [index, side] of [one, two].entries()) {
    const workers = index + 1;
    const { opsPerCpuSecond, opsPerSecond } = side;
    console.log(
      row(
        workers === 1 ? 'one worker' : 'two workers',
        ...[opsPerSecond, opsPerSecond / workers, opsPerCpuSecond].map((each) => each.toFixed(0)),
        side.coresUsed.toFixed(2),
      ),
    );
  }
  console.log(
    `\ntwo against one: ${ratio.toFixed(2)} x (target ${String(TARGET_RATIO)}; per worker ${String(TARGET_OPS)} ops/s)`,
  );
  const each = pairs.map(([a, b]) => (b.opsPerSecond / a.opsPerSecond).toFixed(2));
  console.log(`round by round: ${each.join(' ')}`);
  console.log(`by operations per processor second: ${cpuRatio.toFixed(2)} x`);
  if (undisturbed < rounds) {
    console.log(
      `only in ${String(undisturbed)} of ${String(rounds)} rounds had the workers their cores to themselves: measure on an idle machine`,
    );
  }
}

function summary(side: 0 | 1): Round {
  return {
    opsPerSecond: median(pairs.map((pair) => pair[side].opsPerSecond)),
    opsPerCpuSecond: median(pairs.map((pair) => pair[side].opsPerCpuSecond)),
    coresUsed: median(pairs.map((pair) => pair[side].coresUsed)),
  };
}
