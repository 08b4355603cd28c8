import { resolve } from 'node:path';
import {
  coordinatePreflight,
  DATA_SEED,
  exitCodeOf,
  type FindingsOfAgents,
  newRunId,
  type PreflightOptions,
  preflightRows,
} from '@sai3bench/coordinator';
import { type ExitCode, EXIT_CODES } from '@sai3bench/errors';
import { writePreflightFile } from '@sai3bench/results-dir';
import type { Secret } from '@sai3bench/secret';
import { Terminal } from '@sai3bench/terminal';
import { AgentLinks, type LinkOptions } from '../agents/agent-links.ts';
import {
  credentialsToForward,
  type ForwardOptions,
  secretsAmong,
} from '../agents/forwarded-credentials.ts';
import { type OpenedAgents, openAgents } from '../agents/open-agents.ts';
import { Console } from '../console/console.ts';
import { addressesOfAgents } from '../console/finding-groups.ts';
import { plural } from '../console/render-plan.ts';
import { renderPreflight } from '../console/render-preflight.ts';
import type { ProcessIo } from '../process-io.ts';
import { VERSION } from '../version.ts';
import { type ReadWorkload, readWorkload, type WorkloadOptions } from './read-workload.ts';

/** What the command line says. */
export interface PreflightCommandOptions extends LinkOptions, ForwardOptions, WorkloadOptions {
  readonly verbose: boolean;
  /** File for all findings of all agents. */
  readonly findings?: string;
  /** Whether warnings count as errors. */
  readonly strict: boolean;
}

/**
 * `sai3bench-ctl preflight`: has all agents check whether they could carry out a workload, and runs nothing.
 *
 * @throws BenchError for mistakes in the command line and the workload file, and when the findings cannot be written
 */
export async function preflightCommand(
  options: PreflightCommandOptions,
  io: ProcessIo,
): Promise<ExitCode> {
  const run = { runId: newRunId(), dataSeed: DATA_SEED };
  const read = await readWorkload(options, io, run, { cleanupOnly: false, verifyOnly: false });
  const { roster } = read;
  const console = new Console(new Terminal(io.sink), options.verbose);
  const notice = (text: string): void => {
    console.line(`⚠ ${text}`);
  };
  const links = new AgentLinks(options, io.env, notice, read.workload.keepAlive);
  const credentials = credentialsToForward(options, io.env, io.cwd);
  const secrets = secretsAmong(credentials);
  console.conceal(secrets);
  if (!roster.isLocal) {
    links.check(roster.agents);
    if (credentials.size > 0) links.checkPrivacy(roster.agents);
    console.lines(links.warnings(roster.agents));
  }
  let opened: OpenedAgents | undefined;
  try {
    opened = await openAgents(roster, links, options, io.env);
    console.line(
      `Pre-flight validation of ${options.config} on ${plural(roster.agents.length, 'agent')}`,
    );
    const findings = await checkOn(opened, read, {
      probeId: run.runId,
      credentials,
      stop: io.stop,
    });
    if (findings === undefined) return exitCodeOf({ kind: io.stop.reason ?? 'interrupted' });
    console.lines(renderPreflight(findings, addressesOfAgents(opened.agents)));
    return report(findings, options, io, console, secrets);
  } finally {
    await opened?.stop();
  }
}

function checkOn(
  { agents, connect }: OpenedAgents,
  { plans, workload }: ReadWorkload,
  settings: Pick<PreflightOptions, 'credentials' | 'probeId' | 'stop'>,
): Promise<FindingsOfAgents | undefined> {
  return coordinatePreflight({ workload, agents, plans, connect, version: VERSION, ...settings });
}

function report(
  findings: FindingsOfAgents,
  options: PreflightCommandOptions,
  io: ProcessIo,
  console: Console,
  secrets: readonly Secret[],
): ExitCode {
  if (options.findings !== undefined) {
    const path = resolve(io.cwd, options.findings);
    writePreflightFile(path, preflightRows(findings), secrets);
    console.line(`All findings: ${path}`);
  }
  const refused = new Set(options.strict ? ['error', 'warning'] : ['error']);
  const isRefused = [...findings.values()].flat().some(({ level }) => refused.has(level));
  return isRefused ? EXIT_CODES.preflight : EXIT_CODES.ok;
}
