import { BenchError, type ExitCode, EXIT_CODES, formatError } from '@sai3bench/errors';
import { printable } from '@sai3bench/terminal';
import { parseWorkers } from '@sai3bench/workload-engine';
import { Command, CommanderError, Help, InvalidArgumentError, type Option } from 'commander';
import { attachCommand } from './commands/attach.ts';
import { cleanupCommand, type CleanupCommandOptions } from './commands/cleanup.ts';
import { pingCommand, type PingCommandOptions } from './commands/ping.ts';
import { preflightCommand, type PreflightCommandOptions } from './commands/preflight.ts';
import { runCommand, type RunCommandOptions } from './commands/run.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { verifyCommand } from './commands/verify.ts';
import type { ProcessIo } from './process-io.ts';
import { VERSION } from './version.ts';

const EXAMPLES = `
Examples:
  sai3bench-ctl run --config workload.yaml
  sai3bench-ctl --agents 127.0.0.1:7761,127.0.0.1:7762 run --config workload.yaml
  sai3bench-ctl --agents node[01-32]:7167 run --config workload.yaml
  sai3bench-ctl --agents @hosts.txt ping
  sai3bench-ctl --agents @hosts.txt preflight --config workload.yaml
  sai3bench-ctl --agents @hosts.txt verify --config workload.yaml
  sai3bench-ctl --agents @hosts.txt cleanup --config workload.yaml
  sai3bench-ctl status sai3-20260218-1623-mixed
  sai3bench-ctl attach sai3-20260218-1623-mixed

Exit codes: 0 ok, 1 run failed, 2 configuration or usage, 3 a check before the run failed,
  5 measured but not cleaned up, 129 detached, 130 interrupted, 143 terminated.
`;

/** A day: who wants a later start, starts later. */
const MAX_START_DELAY_SECONDS = 86_400;

/** The command line of the controller, as a function from arguments to an exit code. */
export async function runProgram(argv: readonly string[], io: ProcessIo): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_CODES.ok;
  const program = new Command('sai3bench-ctl')
    .description(
      'Reads a workload, drives sai3bench agents through it, and writes a results directory.',
    )
    .version(VERSION)
    .option('-v, --verbose', 'log lines with times and details', false)
    .option('--tls', 'encrypt links on this host too; beyond it that goes without saying', false)
    .option('--tls-ca <file>', 'trust only agents with a certificate of this authority')
    .option('--tls-cert <file>', 'certificate of this controller, for agents that want one')
    .option('--tls-key <file>', 'its key')
    .option(
      '--agent-fingerprint <list>',
      'trust only agents with these certificates (SHA-256, separated by commas)',
    )
    .option(
      '--token-file <file>',
      'what agents must know (default: $SAI3BENCH_TOKEN, or ~/.config/sai3bench/token)',
    )
    .option('--insecure', 'talk to agents on other hosts without any lock', false)
    .option('--agents <list>', 'host:port,...; also node[01-32]:7167 and @file')
    .configureHelp({ showGlobalOptions: true, optionDescription })
    .showHelpAfterError('  -> add --help for all commands and options')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        io.sink.write(text);
      },
      writeErr: io.writeError,
    })
    .addHelpText('after', EXAMPLES);
  runOptions(program.command('run'))
    .description('run a workload on all agents')
    .option('--no-resume', 'make all objects anew instead of only those that are missing')
    .option('--cleanup-only', 'only delete what earlier runs have prepared', false)
    .action(async (_, command: Command) => {
      exitCode = await runCommand(command.optsWithGlobals<RunCommandOptions>(), io);
    });
  runOptions(program.command('cleanup'))
    .description('delete what earlier runs of a workload have prepared')
    .option('--yes', 'delete without asking', false)
    .action(async (_, command: Command) => {
      exitCode = await cleanupCommand(command.optsWithGlobals<CleanupCommandOptions>(), io);
    });
  runOptions(program.command('verify'))
    .description('compare every prepared object of a workload with what was written')
    .action(async (_, command: Command) => {
      exitCode = await verifyCommand(command.optsWithGlobals<RunCommandOptions>(), io);
    });
  workloadOptions(program.command('preflight'))
    .description('have all agents check whether a workload can be run, and run nothing')
    .option('--findings <file>', 'file for all findings of all agents (TSV)')
    .option('--strict', 'exit with 3 for warnings too', false)
    .action(async (_, command: Command) => {
      exitCode = await preflightCommand(command.optsWithGlobals<PreflightCommandOptions>(), io);
    });
  program
    .command('attach')
    .argument('<results-dir>', 'what the run has written so far')
    .description('take over a run whose controller was killed, or has left it')
    .action(async (directory: string, _, command: Command) => {
      exitCode = await attachCommand(directory, command.optsWithGlobals(), io);
    });
  program
    .command('status')
    .argument('<results-dir>', 'what the run has written so far')
    .description('ask every agent of a run how it is doing')
    .action(async (directory: string, _, command: Command) => {
      exitCode = await statusCommand(directory, command.optsWithGlobals(), io);
    });
  program
    .command('stop')
    .argument('<results-dir>', 'what the run has written so far')
    .description('stop a run on all of its agents')
    .action(async (directory: string, _, command: Command) => {
      exitCode = await stopCommand(directory, command.optsWithGlobals(), io);
    });
  program
    .command('ping')
    .description('ask every agent whether it is there')
    .action(async (_, command: Command) => {
      exitCode = await pingCommand(command.optsWithGlobals<PingCommandOptions>(), io);
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    }
    io.writeError(`sai3bench-ctl: ${printable(formatError(error))}\n`);
    return BenchError.from(error).class === 'config' ? EXIT_CODES.usage : EXIT_CODES.runFailed;
  }
}

/** What is said of a workload that is run. */
function runOptions(command: Command): Command {
  return workloadOptions(command)
    .option(
      '--start-delay <seconds>',
      'from the countdown to the first stage (default: 2)',
      seconds,
    )
    .option('--results-dir <directory>', 'where the results directory is made', '.')
    .option('--dry-run', 'show how the workload is understood, and stop', false);
}

/** What is said of a workload, whatever is done with it. */
function workloadOptions(command: Command): Command {
  return command
    .usage('--config <file> [options]')
    .requiredOption('--config <file>', 'workload file (YAML); required')
    .option('--agent-ids <ids>', 'names of the agents, separated by commas')
    .option(
      '--workers <count>',
      'worker threads for S3 of the agent that is started here when none is named (default: one for each CPU)',
      parseWorkers,
    )
    .option(
      '--allow-exec',
      'let the agent that is started here when none is named run the programs of custom stages',
      false,
    )
    .option(
      '--forward-credentials',
      'give the agents the S3 credentials of this environment, for this run alone',
      false,
    )
    .option('--env-file <file>', 'forward credentials of this file instead (NAME=value lines)');
}

/** What help says of an option: of a switch not that it is off unless it is given. */
function optionDescription(option: Option): string {
  return option.isBoolean() ? option.description : new Help().optionDescription(option);
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= MAX_START_DELAY_SECONDS) return value;
  throw new InvalidArgumentError(
    `It must be a number of seconds, such as 2 or 0.5, and at most ${String(MAX_START_DELAY_SECONDS)}.`,
  );
}
