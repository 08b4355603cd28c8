// npm run bench:scale: one controller alone on a processor, and a thousand simulated agents on another.
//
//   npm run bench:scale [-- --agents N] [--processes N] [--stages N] [--stage-seconds N] [--cpu-prof DIRECTORY] [--json]
//
// The agents speak the whole protocol over sockets, each on a port of its own, and report once a second what 2,000 operations
// look like; they do no work. The real controller takes them through the stages, each with its barrier. Targets: all barriers
// pass, at most 60 % of its processor and 1 GiB of memory, rows of every second within 5 s, and sums that are equal. Needs two
// processors and taskset; ends with exit code 1 below a target.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '@sai3bench/testing';
import { readOptions } from '../options.ts';
import { checkSums } from './check-sums.ts';
import { ControllerWatch, type WatchReport } from './controller-watch.ts';

const { values } = readOptions(import.meta.url, {
  options: {
    agents: { type: 'string', default: '1000' },
    processes: { type: 'string', default: '4' },
    stages: { type: 'string', default: '4' },
    'stage-seconds': { type: 'string', default: '45' },
    'cpu-prof': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const agentCount = Number(values.agents);
const processCount = Number(values.processes);
const stages = Array.from({ length: Number(values.stages) }, (_, index) => `s${String(index + 1)}`);

const CONTROLLER = fileURLToPath(
  new URL('../../../apps/controller/bin/sai3bench-ctl.js', import.meta.url),
);
const SIMULATOR = fileURLToPath(new URL('simulator-main.ts', import.meta.url));
const CONTROLLER_PROCESSOR = '0';
const SIMULATOR_PROCESSOR = '1';
/** Of the output of a run that fails. */
const SHOWN_LINES = 30;
const TARGETS = { cpu: 0.6, rssBytes: 1024 ** 3, rowLagMs: 5_000 } as const;

const WORKLOAD = `target: "null://"
concurrency: 16
workload: [{op: put, path: x/, object_size: 4KiB, weight: 1}]
distributed:
  stages:
${stages.map((name, index) => `    - {name: ${name}, order: ${String(index + 1)}, type: execute, duration: ${values['stage-seconds']}s}`).join('\n')}
`;

const directory = mkdtempSync(join(tmpdir(), 'sai3bench-scale-'));
const simulators: ChildProcess[] = [];
try {
  const ports = await startSimulators();
  writeFileSync(
    join(directory, 'agents.txt'),
    ports.map((port) => `127.0.0.1:${String(port)}\n`).join(''),
  );
  writeFileSync(join(directory, 'scale.yaml'), WORKLOAD);
  report(await runController());
} finally {
  for (const { stdin } of simulators) stdin?.end();
  rmSync(directory, { recursive: true, force: true });
}

async function startSimulators(): Promise<number[]> {
  const ports: number[] = [];
  for (let number = 0; number < processCount; number++) {
    const count = Math.ceil((agentCount - ports.length) / (processCount - number));
    const simulator = spawn(
      'taskset',
      [
        '-c',
        SIMULATOR_PROCESSOR,
        process.execPath,
        SIMULATOR,
        versionOfController(),
        String(count),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    simulators.push(simulator);
    simulator.stdout.setEncoding('utf8');
    let output = '';
    simulator.stdout.on('data', (text: string) => (output += text));
    while (!output.includes('\n')) await once(simulator.stdout, 'data');
    ports.push(...(JSON.parse(output) as number[]));
  }
  return ports;
}

function versionOfController(): string {
  const file = new URL('../../../apps/controller/package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

interface Outcome {
  readonly usage: WatchReport;
  readonly seconds: number;
  readonly outputLines: number;
  /** What is not as it should be. */
  readonly problems: readonly string[];
}

async function runController(): Promise<Outcome> {
  const profile = values['cpu-prof'];
  const child = startChild(
    'taskset',
    [
      ...['-c', CONTROLLER_PROCESSOR, process.execPath],
      ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]),
      ...[CONTROLLER, '--agents', '@agents.txt', 'run'],
      ...['--config', 'scale.yaml', '--start-delay', '0'],
    ],
    { cwd: directory },
  );
  const beganMs = performance.now();
  let results: string | undefined;
  while (results === undefined && child.process.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    results = readdirSync(directory).find((name) => name.startsWith('sai3-'));
  }
  if (results === undefined) throw new Error(`the controller has ended:\n${child.output()}`);
  const path = join(directory, results);
  const watch = new ControllerWatch(child.process.pid ?? 0, join(path, 'perf_log.tsv'));
  const exitCode = await child.ended;
  const usage = watch.stop();
  if (exitCode !== 0) {
    const end = child.output().split('\n').slice(-SHOWN_LINES).join('\n');
    throw new Error(`the run failed (${String(exitCode)}):\n${end}`);
  }
  return {
    usage,
    seconds: (performance.now() - beganMs) / 1000,
    outputLines: child.output().split('\n').length,
    problems: checkSums(path, stages, agentCount),
  };
}

function report({ outputLines, problems, seconds, usage }: Outcome): void {
  const { maxCpu, maxRowLagMs, maxRssBytes, meanCpu, rows, rssBytesByStage } = usage;
  const rss = [...rssBytesByStage].map(([stage, bytes]) => `${stage} ${mib(bytes)}`).join(', ');
  if (values.json) {
    const byStage = Object.fromEntries(rssBytesByStage);
    console.log(
      JSON.stringify(
        { agentCount, seconds, ...usage, rssBytesByStage: byStage, outputLines, problems },
        null,
        2,
      ),
    );
  } else {
    console.log(
      `${String(agentCount)} agents, ${String(stages.length)} stages, ${seconds.toFixed(0)} s, ${String(outputLines)} lines on the console`,
    );
    console.log(
      `processor: ${percent(meanCpu)} in the mean, ${percent(maxCpu)} in the busiest 10 s (target: at most ${percent(TARGETS.cpu)})`,
    );
    console.log(
      `memory: at most ${mib(maxRssBytes)} (target: ${mib(TARGETS.rssBytes)}); at the end of ${rss}`,
    );
    console.log(
      `${String(rows)} rows of perf_log.tsv, the latest of them ${(maxRowLagMs / 1000).toFixed(1)} s after its second (target: ${String(TARGETS.rowLagMs / 1000)} s)`,
    );
    console.log(problems.length === 0 ? 'all sums are equal' : problems.join('\n'));
  }
  const isMet =
    problems.length === 0 &&
    maxCpu <= TARGETS.cpu &&
    maxRssBytes <= TARGETS.rssBytes &&
    maxRowLagMs <= TARGETS.rowLagMs;
  if (!isMet) process.exitCode = 1;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function mib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}
