import { hostname } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import {
  configHash,
  dataSeedOf,
  exitCodeOf,
  newRunId,
  resolveRoster,
  type Roster,
  RunCoordinator,
  type RunFailure,
} from '@sai3bench/coordinator';
import { BenchError, type ExitCode, EXIT_CODES, formatError } from '@sai3bench/errors';
import { ResultsDirectory } from '@sai3bench/results-dir';
import { Terminal } from '@sai3bench/terminal';
import {
  type AgentPlan,
  parseWorkload,
  planAgent,
  storageIsShared,
  type Workload,
} from '@sai3bench/workload-config';
import { connectAgent } from '../agents/connect-agent.ts';
import { type LocalAgent, startLocalAgent } from '../agents/local-agent.ts';
import { Console } from '../console/console.ts';
import { ConsoleObserver } from '../console/console-observer.ts';
import { renderOutcome } from '../console/render-outcome.ts';
import {
  overriddenOf,
  renderConcurrency,
  renderConfigCheck,
  renderHeader,
} from '../console/render-plan.ts';
import type { ProcessIo } from '../process-io.ts';
import { VERSION } from '../version.ts';

const DEFAULT_START_DELAY_MS = 2_000;

/** What the command line says. */
export interface RunCommandOptions {
  readonly verbose: boolean;
  readonly insecure: boolean;
  readonly agents?: string;
  readonly config: string;
  readonly startDelay?: number;
  readonly agentIds?: string;
  readonly dryRun: boolean;
  readonly resultsDir: string;
}

/**
 * `sai3bench-ctl run`: reads a workload, drives the agents, writes the results directory.
 *
 * @throws BenchError for mistakes in the command line and the workload file
 */
export async function runCommand(options: RunCommandOptions, io: ProcessIo): Promise<ExitCode> {
  const text = readConfig(options.config, io);
  const workload = parseWorkload(text, options.config);
  const resolved = resolveRoster(workload.agents, {
    agents: options.agents,
    agentIds: options.agentIds,
    insecure: options.insecure,
    readFile: (path) => io.readFile(resolve(io.cwd, path)),
  });
  const console = new Console(new Terminal(io.sink), options.verbose);
  if (options.dryRun) {
    const roster = resolved ?? localRoster(options, 'started for the run');
    const plans = printPlan(console, options, workload, roster);
    console.line();
    console.lines(renderConcurrency(plans, overriddenOf(roster.agents)));
    console.line();
    console.line('Dry run: nothing was contacted and nothing was written');
    return EXIT_CODES.ok;
  }
  const results = ResultsDirectory.create(
    resolve(io.cwd, options.resultsDir),
    testNameOf(options.config),
    new Date(),
  );
  let localAgent: LocalAgent | undefined;
  try {
    results.writeConfig(text);
    console.keepWith((line) => {
      results.addConsoleLine(line);
    });
    if (resolved === undefined) localAgent = await startLocalAgent(io.env);
    const roster = resolved ?? localRoster(options, localAgent?.address ?? '');
    return await runOn(roster, resolved !== undefined, { options, io, workload, console, results });
  } finally {
    console.terminal.clear();
    await localAgent?.stop();
    results.close();
  }
}

interface RunContext {
  readonly options: RunCommandOptions;
  readonly io: ProcessIo;
  readonly workload: Workload;
  readonly console: Console;
  readonly results: ResultsDirectory;
}

async function runOn(roster: Roster, distributed: boolean, context: RunContext): Promise<ExitCode> {
  const { console, io, options, results, workload } = context;
  const observer = new ConsoleObserver(console, workload, (agentId, line) => {
    results.agent(agentId).addConsoleLine(line);
  });
  printPlan(console, options, workload, roster);
  const runId = newRunId();
  const dataSeed = dataSeedOf(workload);
  const coordinator = new RunCoordinator({
    workload,
    agents: roster.agents,
    connect: connectAgent,
    results,
    observer,
    stop: io.stop,
    runId,
    dataSeed,
    version: VERSION,
    startDelayMs: startDelayMs(options, workload),
    metadata: {
      version: VERSION,
      test_name: testNameOf(options.config),
      config_path: options.config,
      command_line: io.commandLine,
      hostname: hostname(),
      distributed,
      agents: roster.agents.map(({ address, id }) => `${id} (${address})`),
      data_seed: dataSeed,
      config_hash: configHash(workload),
      run_id: runId,
    },
    nowNs: () => Number(process.hrtime.bigint()),
    now: () => new Date(),
  });
  const outcome = await coordinator.run();
  console.terminal.clear();
  console.line();
  if (outcome.kind === 'preflight-failed') printFailures(console, outcome.failures);
  const { errors, operations } = observer.totals;
  console.lines(renderOutcome(outcome, operations, errors));
  console.line(`Results saved to: ${results.path}`);
  return exitCodeOf(outcome);
}

/** Errors of agents that could not be reached; those of checks were shown with the checks. */
function printFailures(console: Console, failures: readonly RunFailure[]): void {
  for (const { error } of failures) {
    if (error.code !== 'PREFLIGHT_FAILED') console.line(`✗ ${formatError(error)}`);
  }
}

function printPlan(
  console: Console,
  options: RunCommandOptions,
  workload: Workload,
  roster: Roster,
): AgentPlan[] {
  const { agents } = roster;
  const plans = agents.map(({ entry, id }, agentIndex) =>
    planAgent(workload, {
      agentId: id,
      agentIndex,
      agentCount: agents.length,
      entry,
      runId: '',
      dataSeed: '0',
    }),
  );
  console.lines(
    renderHeader({
      configPath: options.config,
      roster,
      startDelayMs: startDelayMs(options, workload),
      shared: storageIsShared(workload, agents.length),
    }),
  );
  console.line();
  console.lines(renderConfigCheck(workload, plans));
  return plans;
}

function localRoster(options: RunCommandOptions, address: string): Roster {
  return {
    agents: [{ id: options.agentIds ?? 'agent-1', address, entry: undefined }],
    source: 'neither --agents nor distributed.agents: one local agent',
  };
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

function readConfig(path: string, io: ProcessIo): string {
  try {
    return io.readFile(resolve(io.cwd, path));
  } catch (cause) {
    throw new BenchError(`cannot read the workload file ${path}`, {
      code: 'CONFIG_UNREADABLE',
      class: 'config',
      hint: 'check the path given with --config; examples/ has workload files to start from',
      cause,
    });
  }
}
