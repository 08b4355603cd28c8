import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import {
  type BegunStage,
  configHash,
  coordinateRun,
  DATA_SEED,
  exitCodeOf,
  hintsOfUnconfirmed,
  type ForwardedCredentials,
  newRunId,
  type Roster,
} from '@sai3bench/coordinator';
import { type ExitCode, EXIT_CODES } from '@sai3bench/errors';
import { ResultsDirectory } from '@sai3bench/results-dir';
import { Terminal } from '@sai3bench/terminal';
import { type AgentPlan, storageIsShared, type Workload } from '@sai3bench/workload-config';
import { AgentLinks, type LinkOptions } from '../agents/agent-links.ts';
import {
  credentialsToForward,
  type ForwardOptions,
  secretsAmong,
} from '../agents/forwarded-credentials.ts';
import { type OpenedAgents, openAgents } from '../agents/open-agents.ts';
import { ConsoleObserver } from '../console/console-observer.ts';
import { Console } from '../console/console.ts';
import { hintsOfLeft, leftObjects } from '../console/left-objects.ts';
import { renderOutcome, renderPlace } from '../console/render-outcome.ts';
import {
  overriddenOf,
  renderConcurrency,
  renderConfigCheck,
  renderHeader,
} from '../console/render-plan.ts';
import type { ProcessIo } from '../process-io.ts';
import { VERSION } from '../version.ts';
import { readWorkload, type WorkloadOptions } from './read-workload.ts';
import { sayDetached, sayEndedAtOnce } from './say-farewell.ts';

const DEFAULT_START_DELAY_MS = 2_000;

/** What the command line says. */
export interface RunCommandOptions extends LinkOptions, ForwardOptions, WorkloadOptions {
  readonly verbose: boolean;
  readonly startDelay?: number;
  readonly dryRun: boolean;
  /** Whether prepare goes on where an earlier run was interrupted, and keeps what is there. */
  readonly resume: boolean;
  /** Whether it only deletes what earlier runs have made. */
  readonly cleanupOnly: boolean;
  /** Whether it only compares what earlier runs have made with what they wrote. */
  readonly verifyOnly?: boolean;
  readonly resultsDir: string;
}

/**
 * `sai3bench-ctl run`: reads a workload, drives the agents, writes the results directory.
 *
 * @param confirm says whether to go on, once the workload is known to be valid; nothing has been touched until then
 * @throws BenchError for mistakes in the command line and the workload file
 */
export async function runCommand(
  options: RunCommandOptions,
  io: ProcessIo,
  confirm?: (plans: readonly AgentPlan[]) => Promise<boolean>,
): Promise<ExitCode> {
  const run = { runId: newRunId(), dataSeed: DATA_SEED };
  const { plans, roster, text, workload } = await readWorkload(options, io, run, {
    cleanupOnly: options.cleanupOnly,
    verifyOnly: options.verifyOnly === true,
  });
  const console = new Console(new Terminal(io.sink), options.verbose);
  if (options.dryRun) {
    printPlan(console, options, workload, roster, plans);
    console.line();
    console.lines(renderConcurrency(plans, overriddenOf(roster.agents)));
    console.line();
    console.line('Dry run: nothing was contacted and nothing was written');
    return EXIT_CODES.ok;
  }
  const notice = (text: string): void => {
    console.line(`⚠ ${text}`);
  };
  const links = new AgentLinks(options, io.env, notice, workload.keepAlive);
  const credentials = credentialsToForward(options, io.env, io.cwd);
  if (!roster.isLocal) {
    links.check(roster.agents);
    if (credentials.size > 0) links.checkPrivacy(roster.agents);
  }
  if (confirm !== undefined && !(await confirm(plans))) {
    return io.stop.reason === undefined ? EXIT_CODES.ok : exitCodeOf({ kind: io.stop.reason });
  }
  const results = ResultsDirectory.create(
    resolve(io.cwd, options.resultsDir),
    testNameOf(options.config),
    new Date(),
  );
  let opened: OpenedAgents | undefined;
  try {
    const secrets = secretsAmong(credentials);
    console.conceal(secrets);
    results.conceal(secrets);
    results.writeConfig(text);
    console.keepWith((line) => {
      results.addConsoleLine(line);
    });
    printPlan(console, options, workload, roster, plans);
    if (!roster.isLocal) console.lines(links.warnings(roster.agents));
    if (credentials.size > 0) {
      console.line(`Forwarding to the agents, for this run: ${[...credentials.keys()].join(', ')}`);
    }
    opened = await openAgents(roster, links, options, io.env);
    return await runOn(opened, {
      roster,
      options,
      io,
      workload,
      plans,
      console,
      results,
      run,
      credentials,
    });
  } finally {
    io.detachment.forbid();
    console.terminal.clear();
    await opened?.stop();
    results.close();
  }
}

interface RunContext {
  readonly roster: Roster;
  readonly options: RunCommandOptions;
  readonly io: ProcessIo;
  readonly workload: Workload;
  readonly plans: readonly AgentPlan[];
  readonly console: Console;
  readonly results: ResultsDirectory;
  readonly run: { readonly runId: string; readonly dataSeed: string };
  readonly credentials: ForwardedCredentials;
}

async function runOn({ agents, connect }: OpenedAgents, context: RunContext): Promise<ExitCode> {
  const { console, credentials, io, options, plans, results, roster, run, workload } = context;
  const observer = new ConsoleObserver(
    console,
    workload,
    (agentId, line) => {
      results.agent(agentId).addConsoleLine(line);
    },
    () => performance.now(),
    () => {
      io.detachment.whenEndedAtOnce(() => {
        sayEndedAtOnce(console, results.path);
      });
      // An agent that was started here ends with this process.
      if (roster.isLocal) return;
      io.detachment.allow(() => {
        sayDetached(console, results.path, workload.reconnectGraceMs);
      });
    },
  );
  const leftHints = (begun: readonly BegunStage[]): string[] =>
    hintsOfLeft(leftObjects(workload, run.runId, begun), options.config);
  const outcome = await coordinateRun({
    workload,
    leftHints,
    agents,
    plans,
    connect,
    ownsAgents: roster.isLocal,
    credentials,
    results,
    observer,
    stop: io.stop,
    runId: run.runId,
    version: VERSION,
    startDelayMs: startDelayMs(options, workload),
    startOver: !options.resume,
    startedAtMs: Date.now(),
    metadata: {
      version: VERSION,
      test_name: testNameOf(options.config),
      config_path: options.config,
      command_line: io.commandLine,
      hostname: hostname(),
      distributed: options.agents !== undefined || workload.agents.length > 0,
      agents: agents.map(({ address, id }) => `${id} (${address})`),
      data_seed: run.dataSeed,
      config_hash: configHash(workload),
      run_id: run.runId,
    },
    nowNs: () => Number(process.hrtime.bigint()),
    now: () => new Date(),
  });
  observer.ended();
  console.line();
  const { unconfirmed } = outcome;
  const { reconnectGraceMs } = workload;
  const unconfirmedHints = hintsOfUnconfirmed({
    unconfirmed,
    reconnectGraceMs,
    path: results.path,
  });
  console.lines(renderOutcome(outcome, leftHints(outcome.begun), unconfirmedHints));
  console.line(renderPlace(results.path, existsSync(results.path)));
  return exitCodeOf(outcome);
}

function printPlan(
  console: Console,
  options: RunCommandOptions,
  workload: Workload,
  roster: Roster,
  plans: readonly AgentPlan[],
): void {
  console.lines(
    renderHeader({
      configPath: options.config,
      roster,
      startDelayMs: startDelayMs(options, workload),
      shared: storageIsShared(workload, roster.agents.length),
    }),
  );
  console.line();
  console.lines(renderConfigCheck(workload, plans));
}

function startDelayMs(options: RunCommandOptions, workload: Workload): number {
  return options.startDelay === undefined
    ? (workload.startDelayMs ?? DEFAULT_START_DELAY_MS)
    : options.startDelay * 1000;
}

/** The name of a run: that of its workload file, made fit for a file name. */
function testNameOf(configPath: string): string {
  const stem = basename(configPath, extname(configPath));
  return stem.replaceAll(/[^\w.-]+/g, '_') || 'run';
}
