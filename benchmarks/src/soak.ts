// npm run bench:soak: whether a long run at full rate stays exact and flat. Four agents work while the link to one of them is cut every
// minute for two seconds, in turn. Fails when an operation is missing or counted twice, when the run does not succeed, or when the
// memory of the controller or an agent grows. Without --directory there is no storage (null:); with it the files are counted too.
//
//   npm run bench:soak [-- --minutes N] [--agents N] [--cut-every-seconds N] [--cut-seconds N] [--directory DIRECTORY] [--json]
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseTsv } from '@sai3bench/results-dir';
import { type Child, startChild, TcpProxy } from '@sai3bench/testing';
import { median } from './measure.ts';
import { readOptions } from './options.ts';
import { processUsage } from './process-usage.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    minutes: { type: 'string', default: '30' },
    agents: { type: 'string', default: '4' },
    'cut-every-seconds': { type: 'string', default: '60' },
    'cut-seconds': { type: 'string', default: '2' },
    directory: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const durationMs = Number(values.minutes) * 60_000;
const SAMPLE_INTERVAL_MS = 2_000;
/** How much of the run is left out of the look at memory, for caches to fill and code to be compiled. */
const WARM_UP = 0.25;
/** Memory may end up higher than it was by this part, and by this much: collections come when they come. */
const MOST_GROWTH = 0.1;
const MOST_GROWTH_BYTES = 24 * 1024 * 1024;
const MIB = 1024 * 1024;

/** Resident memory of a program and its children over the run. */
interface Memory {
  readonly name: string;
  readonly samples: readonly number[];
}

/** What the places that tell of the PUTs say, and how many files there are. */
interface Totals {
  readonly table: number;
  readonly perSecond: number;
  readonly ofAgents: number;
  readonly perSecondOfAgents: number;
  readonly files?: number;
}

const workspace = mkdtempSync(join(tmpdir(), 'sai3bench-soak-'));
const data =
  values.directory === undefined
    ? undefined
    : mkdtempSync(join(resolve(values.directory), 'sai3bench-soak-'));
try {
  await soak();
} finally {
  rmSync(workspace, { recursive: true, force: true });
  if (data !== undefined) rmSync(data, { recursive: true, force: true });
}

async function soak(): Promise<void> {
  const agents = await Promise.all(Array.from({ length: Number(values.agents) }, startAgent));
  const proxies = await Promise.all(agents.map(({ address }) => TcpProxy.start(address)));
  try {
    const controller = startController(proxies.map(({ address }) => address));
    const programs = [controller, ...agents.map(({ child }) => child)];
    const memory = programs.map((_, index) => ({
      name: index === 0 ? 'controller' : `agent-${String(index)}`,
      samples: [] as number[],
    }));
    const end = { isReached: false };
    void controller.ended.then(() => {
      end.isReached = true;
    });
    await controller.printed('Stage 2/2: execute');
    const cuts = cutInTurn(proxies, () => end.isReached);
    while (!end.isReached) {
      for (const [index, { process: child }] of programs.entries()) {
        const { rssBytes } = processUsage(child.pid ?? 0);
        if (rssBytes > 0) memory[index]?.samples.push(rssBytes);
      }
      await Promise.race([controller.ended, wait(SAMPLE_INTERVAL_MS)]);
    }
    report(controller, await controller.ended, await cuts, memory);
  } finally {
    for (const { child } of agents) await child.stop();
    for (const proxy of proxies) await proxy.stop();
  }
}

async function startAgent(): Promise<{ readonly child: Child; readonly address: string }> {
  const child = startChild(process.execPath, [
    ...[program('apps/agent/bin/sai3bench-agent.js'), '--listen', '127.0.0.1:0'],
  ]);
  await child.printed('listening');
  return { child, address: /on (\S+:\d+)/.exec(child.output())?.[1] ?? '' };
}

function startController(addresses: readonly string[]): Child {
  writeFileSync(
    join(workspace, 'soak.yaml'),
    `target: "${data === undefined ? 'null:' : `file://${data}/`}"
duration: ${String(durationMs)}ms
concurrency: 1
workload: [{op: put, path: new/, object_size: 4KiB, weight: 1}]
`,
  );
  const args = ['--agents', addresses.join(','), 'run', '--config', 'soak.yaml'];
  return startChild(
    process.execPath,
    [program('apps/controller/bin/sai3bench-ctl.js'), ...args, '--start-delay', '0'],
    { cwd: workspace },
  );
}

/** Cuts one link after the other until the run has ended; returns how often. */
async function cutInTurn(proxies: readonly TcpProxy[], hasEnded: () => boolean): Promise<number> {
  const everyMs = Number(values['cut-every-seconds']) * 1000;
  const cutMs = Number(values['cut-seconds']) * 1000;
  const lastMs = performance.now() + durationMs - cutMs;
  for (let count = 0; ; count++) {
    const nextMs = performance.now() + everyMs;
    while (performance.now() < nextMs) {
      if (hasEnded() || performance.now() > lastMs) return count;
      await wait(100);
    }
    const proxy = proxies[count % proxies.length];
    proxy?.cut();
    await wait(cutMs);
    proxy?.heal();
  }
}

function report(
  controller: Child,
  exitCode: number | NodeJS.Signals,
  cuts: number,
  memory: readonly Memory[],
): void {
  const name = readdirSync(workspace).find((each) => each.startsWith('sai3-'));
  if (exitCode !== 0 || name === undefined) {
    throw new Error(`the run ended with ${String(exitCode)}:\n${controller.output()}`);
  }
  const totals = readTotals(join(workspace, name));
  const backs = controller.output().match(/is back after/g)?.length ?? 0;
  const isExact = new Set(Object.values(totals)).size === 1 && totals.table > 0;
  const growths = memory.map(growthOf);
  const isFlat = growths.every(({ isFlat: each }) => each);
  if (values.json) {
    console.log(JSON.stringify({ cuts, backs, totals, isExact, growths, isFlat }, null, 2));
  } else {
    const rate = totals.table / (durationMs / 1000);
    console.log(
      `${values.minutes} min, ${values.agents} agents, ${String(cuts)} cuts of ${values['cut-seconds']} s, ${String(backs)} returns, ${rate.toFixed(0)} ops/s\n`,
    );
    for (const [where, count] of Object.entries(totals)) {
      console.log(`${where.padEnd(20)}${String(count).padStart(14)} PUTs`);
    }
    console.log(`totals are ${isExact ? 'exact' : 'NOT EQUAL'}\n`);
    console.log(row('', 'RSS early', 'RSS late', 'highest', 'MiB'));
    for (const { earlyBytes, highestBytes, lateBytes, name: who } of growths) {
      console.log(row(who, inMib(earlyBytes), inMib(lateBytes), inMib(highestBytes), ''));
    }
    console.log(`memory is ${isFlat ? 'flat' : 'NOT FLAT'}`);
  }
  if (!isExact || !isFlat || backs < cuts) process.exitCode = 1;
}

function readTotals(results: string): Totals {
  const read = (file: string): Record<string, string>[] =>
    parseTsv(readFileSync(join(results, file), 'utf8').split('# Per-Agent Details')[0] ?? '');
  const puts = (file: string): number =>
    sum(
      read(file).filter((each) => each['operation'] === 'PUT' && each['size_bucket'] === 'ALL'),
      'count',
    );
  const agents = readdirSync(join(results, 'agents')).map((each) => join('agents', each));
  const overAgents = (of: (agent: string) => number): number =>
    agents.reduce((total, agent) => total + of(agent), 0);
  return {
    table: puts('02_execute_results.tsv'),
    perSecond: sum(read('perf_log.tsv'), 'put_ops'),
    ofAgents: overAgents((agent) => puts(join(agent, 'results.tsv'))),
    perSecondOfAgents: overAgents((agent) => sum(read(join(agent, 'perf_log.tsv')), 'put_ops')),
    ...(data === undefined ? {} : { files: filesBelow(data) }),
  };
}

function sum(rows: readonly Record<string, string>[], column: string): number {
  return rows.reduce((total, each) => total + Number(each[column]), 0);
}

function filesBelow(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.sai3-')).length;
}

/** The memory of a program after the warm-up and at the end: the medians of the first and the last third of what follows. */
function growthOf({ name, samples }: Memory): {
  readonly name: string;
  readonly earlyBytes: number;
  readonly lateBytes: number;
  readonly highestBytes: number;
  readonly isFlat: boolean;
} {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const earlyBytes = median(warm.slice(0, third));
  const lateBytes = median(warm.slice(-third));
  const mostBytes = earlyBytes * (1 + MOST_GROWTH) + MOST_GROWTH_BYTES;
  const isFlat = lateBytes <= mostBytes;
  return { name, earlyBytes, lateBytes, highestBytes: Math.max(...samples), isFlat };
}

function row(...cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(14) : cell.padStart(12))).join('');
}

function inMib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}

function program(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
