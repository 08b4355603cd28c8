import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '@sai3bench/testing';

const AGENT = fileURLToPath(new URL('../../../apps/agent/bin/sai3bench-agent.js', import.meta.url));
const CONTROLLER = fileURLToPath(
  new URL('../../../apps/controller/bin/sai3bench-ctl.js', import.meta.url),
);

/** Jest's own options are not for the programs under test. */
const CLEAN_ENV = { NODE_OPTIONS: '' };

/** A running agent. */
export interface Agent extends Child {
  /** `127.0.0.1:port` */
  readonly address: string;
}

/** Starts an agent on a free port and waits until it listens. */
export async function startAgent(
  env: Readonly<Record<string, string>> = {},
  ...args: string[]
): Promise<Agent> {
  const child = startChild(process.execPath, [AGENT, '--listen', '127.0.0.1:0', ...args], {
    env: { ...CLEAN_ENV, ...env },
  });
  await child.printed(/listening \(PLAINTEXT\) on 127\.0\.0\.1:\d+/);
  const address = /on (127\.0\.0\.1:\d+)/.exec(child.output())?.[1] ?? '';
  return { ...child, address };
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

/** The `--agents` option for some agents. */
export function agentsOption(...agents: readonly Agent[]): string[] {
  return ['--agents', agents.map(({ address }) => address).join(',')];
}
