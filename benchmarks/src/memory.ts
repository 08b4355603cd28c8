// npm run bench:memory: whether an agent's memory stays flat at full rate. Fails when the last minute takes more than 5 % more
// than the second.
//
//   npm run bench:memory [-- --minutes N] [--target ADDRESS] [--concurrency N] [--json]
import { fileURLToPath } from 'node:url';
import { startChild } from '@sai3bench/testing';
import { Agents } from './measure.ts';
import { readOptions } from './options.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    minutes: { type: 'string', default: '10' },
    target: { type: 'string' },
    concurrency: { type: 'string', default: '64' },
    json: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const MIB = 1024 * 1024;
const OBJECT_BYTES = 4096;
const SAMPLE_MS = 1_000;
/** What the last minute may take more than the second: the first is for warming up. */
const MOST_GROWTH = 0.05;
if (!(minutes >= 3)) throw new Error('--minutes: at least 3, so that two can be compared');

/** Samples of one minute of the run. */
interface Minute {
  rssBytes: number;
  samples: number;
  lowestBytes: number;
}

const sink = startChild(process.execPath, [
  fileURLToPath(new URL('memory/object-sink.ts', import.meta.url)),
  String(OBJECT_BYTES),
]);
const agents = await Agents.start(1, {
  AWS_ACCESS_KEY_ID: 'benchmark',
  AWS_SECRET_ACCESS_KEY: 'benchmark',
  AWS_REGION: 'us-east-1',
});
try {
  await sink.printed(/port \d+/);
  const port = /port (\d+)/.exec(sink.output())?.[1] ?? '';
  await measure(values.target ?? `s3://127.0.0.1:${port}/bucket/`);
} finally {
  await agents.stop();
  await sink.stop();
}

async function measure(target: string): Promise<void> {
  const taken: Minute[] = [];
  let startMs = Infinity;
  const sampler = setInterval(() => {
    const usage = agents.usage();
    // Besides the agent's own process there is one that does the work, as long as the run lasts.
    if (usage.processes < 2) return;
    startMs = Math.min(startMs, performance.now());
    const minute = Math.floor((performance.now() - startMs) / 60_000);
    const each = (taken[minute] ??= { rssBytes: 0, samples: 0, lowestBytes: Infinity });
    each.rssBytes += usage.rssBytes;
    each.samples++;
    each.lowestBytes = Math.min(each.lowestBytes, usage.rssBytes);
    if (each.samples === 1 && minute > 0 && minute < minutes) note(minute, taken[minute - 1]);
  }, SAMPLE_MS);
  const { opsPerSecond } = await agents
    .runMeanwhile(workload(target), 'PUT')
    .finally(() => clearInterval(sampler));
  const rss = taken.slice(0, minutes).map(meanRss);
  const lowest = taken.slice(0, minutes).map(({ lowestBytes }) => lowestBytes);
  const growth = (rss.at(-1) ?? Number.NaN) / (rss[1] ?? Number.NaN) - 1;
  if (values.json) {
    console.log(
      JSON.stringify(
        {
          minutes,
          target,
          rssBytes: rss,
          lowestBytes: lowest,
          growth,
          putsPerSecond: opsPerSecond,
        },
        null,
        2,
      ),
    );
  } else {
    note(rss.length, taken[rss.length - 1]);
    console.log(
      `${opsPerSecond.toFixed(0)} PUTs/s besides as many GETs; last minute against the second: ${(growth * 100).toFixed(1)} %`,
    );
  }
  if (!(growth <= MOST_GROWTH)) process.exitCode = 1;
}

function workload(target: string): string {
  return `target: "${target}"
concurrency: ${values.concurrency}
duration: ${String(minutes * 60)}s
enable_metadata_cache: false
prepare: {force_overwrite: true, ensure_objects: [{base_uri: data/, count: 10000, size_spec: ${String(OBJECT_BYTES)}}]}
workload:
  - {op: get, path: "data/*", weight: 45}
  - {op: put, path: new/, object_size: ${String(OBJECT_BYTES)}, weight: 45}
  - {op: stat, path: "data/*", weight: 10}
`;
}

function meanRss({ rssBytes, samples }: Minute): number {
  return rssBytes / samples;
}

function note(minute: number, taken: Minute | undefined): void {
  if (values.json || taken === undefined) return;
  console.log(
    `minute ${String(minute).padStart(2)}: ${(meanRss(taken) / MIB).toFixed(1)} MiB, at least ${(taken.lowestBytes / MIB).toFixed(1)}`,
  );
}
