import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTsv } from '@sai3bench/results-dir';
import { type Child, startChild } from '@sai3bench/testing';

const AGENT = fileURLToPath(new URL('../../apps/agent/bin/sai3bench-agent.js', import.meta.url));
const CONTROLLER = fileURLToPath(
  new URL('../../apps/controller/bin/sai3bench-ctl.js', import.meta.url),
);
const C_LOOP = fileURLToPath(new URL('put-loop.c', import.meta.url));

/** What a measurement yields. */
export interface Measurement {
  readonly opsPerSecond: number;
  /** Processor time of the whole host per operation, in µs. */
  readonly cpuUsPerOp: number;
}

/** Two agents that wait for workloads. */
export class AgentPair {
  readonly #agents: readonly Child[];
  readonly #addresses: readonly string[];

  private constructor(agents: readonly Child[]) {
    this.#agents = agents;
    this.#addresses = agents.map((agent) => /on (\S+:\d+)/.exec(agent.output())?.[1] ?? '');
  }

  static async start(): Promise<AgentPair> {
    const agents = [0, 1].map(() =>
      startChild(process.execPath, [AGENT, '--listen', '127.0.0.1:0']),
    );
    await Promise.all(agents.map((agent) => agent.printed('listening')));
    return new AgentPair(agents);
  }

  /** Runs 4 KiB PUTs on both agents, which share `concurrency` evenly. What they write stays. */
  put4k(target: string, concurrency: number, seconds: number): Measurement {
    const directory = mkdtempSync(join(tmpdir(), 'sai3bench-bench-'));
    try {
      writeFileSync(
        join(directory, 'bench.yaml'),
        `target: "${target}"
concurrency: ${String(concurrency / 2)}
duration: ${String(seconds)}s
workload: [{op: put, path: new/, object_size: 4KiB, weight: 1}]
`,
      );
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [
          ...[CONTROLLER, '--agents', this.#addresses.join(','), 'run'],
          ...['--config', 'bench.yaml', '--start-delay', '0'],
        ],
        { cwd: directory, encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(`the run failed:\n${stdout}${stderr}`);
      return readMeasurement(directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop()));
  }
}

/** Rate and processor time of the execute stage, from the results directory. */
function readMeasurement(directory: string): Measurement {
  const results = readdirSync(directory).find((name) => name.startsWith('sai3-')) ?? '';
  const read = (name: string): string => readFileSync(join(directory, results, name), 'utf8');
  const put = parseTsv(read('02_execute_results.tsv').split('# Per-Agent')[0] ?? '').find(
    (row) => row['operation'] === 'PUT' && row['size_bucket'] === 'ALL',
  );
  const seconds = parseTsv(read('perf_log.tsv')).filter(
    (row) => row['stage'] === 'execute' && Number.isInteger(Number(row['elapsed_s'])),
  );
  const operations = seconds.reduce((sum, row) => sum + Number(row['put_ops']), 0);
  const busyPct = seconds.reduce(
    (sum, row) => sum + Number(row['cpu_user_pct']) + Number(row['cpu_system_pct']),
    0,
  );
  return {
    opsPerSecond: Number(put?.['ops_per_sec']),
    cpuUsPerOp: ((busyPct / 100) * availableParallelism() * 1e6) / operations,
  };
}

/** The plain C loop, compiled on first use. */
export class CLoop {
  readonly #binary: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'sai3bench-c-'));

  constructor() {
    this.#binary = join(this.#directory, 'put-loop');
    const { status, stderr } = spawnSync('gcc', ['-O2', '-pthread', '-o', this.#binary, C_LOOP], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`gcc is needed for the comparison: ${stderr}`);
  }

  /** Runs the loop with all threads in one directory. What it writes stays. */
  put4k(directory: string, threads: number, seconds: number): Measurement {
    const { status, stderr, stdout } = spawnSync(
      this.#binary,
      [String(seconds), directory, String(threads)],
      { encoding: 'utf8' },
    );
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
