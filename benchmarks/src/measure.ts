import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTsv, type StageRecord } from '@sai3bench/results-dir';
import { type Child, startChild } from '@sai3bench/testing';
import { type ProcessUsage, processUsage } from './process-usage.ts';

const AGENT = fileURLToPath(new URL('../../apps/agent/bin/sai3bench-agent.js', import.meta.url));
const CONTROLLER = fileURLToPath(
  new URL('../../apps/controller/bin/sai3bench-ctl.js', import.meta.url),
);
/** Programs to compare with, in plain C. */
const LOOPS = { put: 'put-loop', get: 'get-loop' } as const;

/** What a measurement yields. */
export interface Measurement {
  readonly opsPerSecond: number;
  /** Processor time of the whole host per operation, in µs. */
  readonly cpuUsPerOp: number;
}

/** Agents on this host that wait for workloads. */
export class Agents {
  readonly #agents: readonly Child[];
  readonly #addresses: readonly string[];

  private constructor(agents: readonly Child[]) {
    this.#agents = agents;
    this.#addresses = agents.map((agent) => /on (\S+:\d+)/.exec(agent.output())?.[1] ?? '');
  }

  /** @param env besides that of this process */
  static async start(count: number, env: NodeJS.ProcessEnv = {}): Promise<Agents> {
    const agents = Array.from({ length: count }, () =>
      startChild(process.execPath, [AGENT, '--listen', '127.0.0.1:0'], { env }),
    );
    await Promise.all(agents.map((agent) => agent.printed('listening')));
    return new Agents(agents);
  }

  /** Runs 4 KiB PUTs on all agents, which share `concurrency` evenly. What they write stays. */
  put4k(target: string, concurrency: number, seconds: number): Measurement {
    return this.run(
      `target: "${target}"
concurrency: ${String(concurrency / this.#agents.length)}
duration: ${String(seconds)}s
workload: [{op: put, path: new/, object_size: 4KiB, weight: 1}]
`,
      'PUT',
    );
  }

  /**
   * Runs a workload.
   *
   * @param operation the one of its execute stage that is measured
   */
  run(workload: string, operation: 'GET' | 'PUT'): Measurement {
    return this.#runToEnd(workload, (directory) => readMeasurement(directory, operation));
  }

  /** Runs a workload and returns what `metadata.json` says of its stages. */
  stages(workload: string): readonly StageRecord[] {
    return this.#runToEnd(workload, (directory) => {
      const text = readFileSync(join(resultsIn(directory), 'metadata.json'), 'utf8');
      return (JSON.parse(text) as { stages: readonly StageRecord[] }).stages;
    });
  }

  #runToEnd<Result>(workload: string, read: (directory: string) => Result): Result {
    const directory = prepareRun(workload);
    try {
      const { status, stdout, stderr } = spawnSync(process.execPath, this.#runArguments(), {
        cwd: directory,
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`the run failed:\n${stdout}${stderr}`);
      return read(directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** Runs a workload as {@link run} does, while something else can be done. */
  async runMeanwhile(workload: string, operation: 'GET' | 'PUT'): Promise<Measurement> {
    const directory = prepareRun(workload);
    try {
      const controller = spawn(process.execPath, this.#runArguments(), {
        cwd: directory,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const [status] = (await once(controller, 'close')) as [number | null];
      if (status !== 0) throw new Error(`the run failed: ${String(status)}`);
      return readMeasurement(directory, operation);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** What the processes of all agents use right now. */
  usage(): ProcessUsage {
    return this.#agents
      .map(({ process: { pid = 0 } }) => processUsage(pid))
      .reduce((a, b) => ({
        processes: a.processes + b.processes,
        rssBytes: a.rssBytes + b.rssBytes,
        cpuSeconds: a.cpuSeconds + b.cpuSeconds,
      }));
  }

  #runArguments(): string[] {
    return [
      ...[CONTROLLER, '--agents', this.#addresses.join(','), 'run'],
      ...['--config', 'bench.yaml', '--start-delay', '0'],
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop()));
  }
}

/** A directory for a run's results, with its workload. */
function prepareRun(workload: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'sai3bench-bench-'));
  writeFileSync(join(directory, 'bench.yaml'), workload);
  return directory;
}

/** The results directory of the run in a directory. */
function resultsIn(directory: string): string {
  return join(directory, readdirSync(directory).find((name) => name.startsWith('sai3-')) ?? '');
}

/** Rate and processor time of the execute stage, from the results directory. */
function readMeasurement(directory: string, operation: 'GET' | 'PUT'): Measurement {
  const results = resultsIn(directory);
  const read = (name: string): string => readFileSync(join(results, name), 'utf8');
  const table = readdirSync(results).find((name) => name.endsWith('_execute_results.tsv'));
  const total = parseTsv(read(table ?? '').split('# Per-Agent')[0] ?? '').find(
    (row) => row['operation'] === operation && row['size_bucket'] === 'ALL',
  );
  const seconds = parseTsv(read('perf_log.tsv')).filter(
    (row) => row['stage'] === 'execute' && Number.isInteger(Number(row['elapsed_s'])),
  );
  const operations = seconds.reduce(
    (sum, row) => sum + Number(row[operation === 'PUT' ? 'put_ops' : 'get_ops']),
    0,
  );
  const busyPct = seconds.reduce(
    (sum, row) => sum + Number(row['cpu_user_pct']) + Number(row['cpu_system_pct']),
    0,
  );
  return {
    opsPerSecond: Number(total?.['ops_per_sec']),
    cpuUsPerOp: ((busyPct / 100) * availableParallelism() * 1e6) / operations,
  };
}

/** The plain C loops, compiled once. */
export class CLoops {
  readonly #directory = mkdtempSync(join(tmpdir(), 'sai3bench-c-'));

  constructor() {
    for (const name of Object.values(LOOPS)) {
      const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
      const { status, stderr } = spawnSync(
        'gcc',
        ['-O2', '-pthread', '-o', join(this.#directory, name), source],
        { encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(`gcc is needed for the comparison: ${stderr}`);
    }
  }

  /** Writes 4 KiB files with all threads in one directory. What it writes stays. */
  put4k(directory: string, threads: number, seconds: number): Measurement {
    return this.#run(LOOPS.put, [String(seconds), directory, String(threads)]);
  }

  /** Reads the 4 KiB files of a directory with one thread. */
  get4k(directory: string, seconds: number): Measurement {
    return this.#run(LOOPS.get, [String(seconds), directory]);
  }

  #run(name: string, args: readonly string[]): Measurement {
    const { status, stderr, stdout } = spawnSync(join(this.#directory, name), args, {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the C loop failed: ${stderr}`);
    return JSON.parse(stdout) as Measurement;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The middle of an odd number of values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
