import { setPriority } from 'node:os';
import type { ExitCode } from '@sai3bench/errors';
import { Terminal, type TextSink } from '@sai3bench/terminal';
import { AgentClock, clockShiftOf, hostClocks } from './agent-clock.ts';
import { AgentServiceHandler } from './agent-service.ts';
import { AllowList } from './allowed/allow-list.ts';
import { AgentLog } from './console/agent-log.ts';
import { type LockOptions, openLock } from './link/agent-lock.ts';
import { describeLock } from './link/describe-lock.ts';
import { formatAddress, parseListenAddress } from './link/listen-address.ts';
import { serve } from './link/serve.ts';
import { secretsOfEnvironment } from './secrets/known-secrets.ts';
import { VERSION } from './version.ts';

/** What the command line says. */
export interface AgentOptions extends LockOptions {
  readonly listen: string;
  readonly verbose: boolean;
  /** Places that plans may use; any place when there are none. */
  readonly allowTarget: readonly string[];
  readonly allowPath: readonly string[];
  /** End when standard input ends: for an agent that a controller started for one run. */
  readonly untilStdinEnds: boolean;
  /** Worker threads; one for each processor that may be used when absent. */
  readonly workers?: number;
  /** Whether plans may run programs. */
  readonly allowExec: boolean;
}

/** What an agent needs of its process. */
export interface AgentProcess {
  readonly sink: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where files may be kept for the time of a run. */
  readonly temporaryDirectory: string;
  /** Resolves when the agent is to end. */
  readonly stopRequested: Promise<{ readonly reason: string; readonly exitCode: ExitCode }>;
}

/** The control process answers heartbeats and aborts while workers keep all processors busy. */
const CONTROL_PRIORITY = -5;

/** Runs an agent until it is told to stop; returns what to exit with. */
export async function runAgent(options: AgentOptions, host: AgentProcess): Promise<ExitCode> {
  const clock = new AgentClock(hostClocks(), clockShiftOf(host.env));
  const log = new AgentLog(new Terminal(host.sink), options.verbose, clock);
  const address = parseListenAddress(options.listen);
  const lock = openLock(options, address, host.env, new Date());
  log.secrets.conceal(secretsOfEnvironment(host.env));
  if (lock.token !== undefined) log.secrets.conceal([lock.token]);
  const allowed = new AllowList({ targets: options.allowTarget, paths: options.allowPath });
  const settings = { ...options, allowed, isPrivate: lock.kind !== 'open' };
  const handler = new AgentServiceHandler(log, host.temporaryDirectory, settings, clock);
  const server = await serve(address, handler, { lock, log });
  raisePriority();
  const mode = lock.kind === 'tls' ? 'TLS' : 'PLAINTEXT';
  log.debug(`sai3bench-agent ${VERSION} starting in ${mode} mode`);
  for (const line of describeLock(lock, address)) log.info(line);
  log.info(`sai3bench-agent listening (${mode}) on ${formatAddress(server.address)}`);
  const { exitCode, reason } = await host.stopRequested;
  await handler.stop(reason);
  await server.close();
  log.terminal.clear();
  return exitCode;
}

function raisePriority(): void {
  try {
    setPriority(CONTROL_PRIORITY);
  } catch {
    // Only root may; without it the agent still works, a little less promptly under full load.
  }
}
