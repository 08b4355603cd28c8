import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { type Child, startChild } from '@sai3bench/testing';

const AGENT = fileURLToPath(new URL('../../../apps/agent/bin/sai3bench-agent.js', import.meta.url));
const CONTROLLER = fileURLToPath(
  new URL('../../../apps/controller/bin/sai3bench-ctl.js', import.meta.url),
);

// Caches of datasets must not be left on the host that runs the tests.
const caches = mkdtempSync(join(tmpdir(), 'sai3bench-caches-'));
// Nor may a token of whoever runs the tests be used.
const config = mkdtempSync(join(tmpdir(), 'sai3bench-config-'));
afterAll(() => {
  for (const path of [caches, config]) rmSync(path, { recursive: true, force: true });
});

/** Jest's own options are not for the programs under test. */
const CLEAN_ENV = {
  NODE_OPTIONS: '',
  SAI3BENCH_CACHE_DIR: caches,
  SAI3BENCH_TOKEN: '',
  XDG_CONFIG_HOME: config,
};

/** A running agent. */
export interface Agent extends Child {
  /** `host:port` */
  readonly address: string;
}

/** Starts an agent on a free port and waits until it listens. */
export async function startAgent(
  env: Readonly<Record<string, string>> = {},
  ...args: string[]
): Promise<Agent> {
  const child = startAgentProgram(['--listen', '127.0.0.1:0', ...args], env);
  const listens = /listening \((?:PLAINTEXT|TLS)\) on ([\d.]+:\d+)/;
  await child.printed(listens);
  return { ...child, address: listens.exec(child.output())?.[1] ?? '' };
}

/** Starts an agent that may not come as far as to listen. */
export function startAgentProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  return startChild(process.execPath, [AGENT, ...args], { env: { ...CLEAN_ENV, ...env } });
}

/** Starts the controller; it runs in `cwd`. */
export function startController(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  return startChild(process.execPath, [CONTROLLER, ...args], {
    cwd,
    env: { ...CLEAN_ENV, ...env },
  });
}

/** Runs the controller to its end. */
export async function runController(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number | NodeJS.Signals; output: string }> {
  const child = startController(cwd, args, env);
  const exitCode = await child.ended;
  return { exitCode, output: child.output() };
}

/** A process of this machine. */
interface ProcessInfo {
  readonly id: number;
  readonly parent: number;
  readonly command: string;
}

function allProcesses(): ProcessInfo[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, id, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return command === undefined ? [] : [{ id: Number(id), parent: Number(parent), command }];
    });
}

/** Ids of the processes that do I/O for agents: those below the given programs, whatever else the machine runs. */
export function ioProcesses(...programs: readonly Child[]): number[] {
  const all = allProcesses();
  const family = new Set(programs.map(({ process: { pid } }) => pid ?? 0));
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const { id, parent } of all) if (family.has(parent)) family.add(id);
  }
  return all
    .filter(({ command, id }) => family.has(id) && command.includes('host-main'))
    .map(({ id }) => id);
}

/** Those of some I/O processes that still run, also when whoever started them does not. */
export function stillRunning(ids: readonly number[]): number[] {
  return allProcesses()
    .filter(({ command, id }) => ids.includes(id) && command.includes('host-main'))
    .map(({ id }) => id);
}

/** Ids of the processes of a group that have not ended. */
export function groupMembers(group: number): number[] {
  return execFileSync('ps', ['-eo', 'pid=,pgid=,stat='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [id, itsGroup, state = ''] = line.trim().split(/\s+/);
      return Number(itsGroup) === group && !state.startsWith('Z') ? [Number(id)] : [];
    });
}

/** The `--agents` option for some agents. */
export function agentsOption(...agents: readonly Agent[]): string[] {
  return ['--agents', agents.map(({ address }) => address).join(',')];
}
