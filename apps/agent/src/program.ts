import { DEFAULT_AGENT_PORT } from '@sai3bench/barrier-protocol';
import { BenchError, EXIT_CODES, type ExitCode, formatError } from '@sai3bench/errors';
import { printable } from '@sai3bench/terminal';
import { parseWorkers } from '@sai3bench/workload-engine';
import { Command, CommanderError, Help, Option } from 'commander';
import { type AgentOptions, type AgentProcess, runAgent } from './agent.ts';
import { VERSION } from './version.ts';

/** The command line of an agent, as a function from arguments to an exit code. */
export async function runProgram(
  argv: readonly string[],
  host: AgentProcess & { readonly writeError: (text: string) => void },
): Promise<ExitCode> {
  const program = new Command('sai3bench-agent')
    .description(
      'Waits for a controller (sai3bench-ctl) and runs its stages against the storage under test.',
    )
    .version(VERSION)
    .option('-v, --verbose', 'log lines with times and details', false)
    .option('--listen <address>', 'host:port to wait on', `127.0.0.1:${String(DEFAULT_AGENT_PORT)}`)
    .option('--tls', 'encrypt the link on this host too; beyond it that goes without saying', false)
    .option('--tls-cert <file>', 'certificate of this agent (default: one that it makes itself)')
    .option('--tls-key <file>', 'its key')
    .option(
      '--tls-client-ca <file>',
      'let only controllers in with a certificate of this authority',
    )
    .option(
      '--token-file <file>',
      'what controllers must know (default: $SAI3BENCH_TOKEN, or ~/.config/sai3bench/token)',
    )
    .option('--insecure', 'let everybody on the network in, and encrypt nothing', false)
    .addOption(
      new Option(
        '--allow-target <address>',
        'server, bucket, prefix or directory that workloads may use; may be repeated',
      )
        .argParser(collect)
        .default([], 'any'),
    )
    .addOption(
      new Option('--allow-path <directory>', 'directory that workloads may use; may be repeated')
        .argParser(collect)
        .default([], 'any'),
    )
    .option(
      '--workers <count>',
      'worker threads for S3 (default: one for each CPU that may be used)',
      parseWorkers,
    )
    .option(
      '--allow-exec',
      'allow custom stages, which run programs with the rights of the agent',
      false,
    )
    // For agents that a controller starts for one run: they end with it.
    .addOption(new Option('--until-stdin-ends').default(false).hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  sai3bench-agent\n' +
        '  sai3bench-agent -v --listen 127.0.0.1:7761\n' +
        '  sai3bench-agent --workers 8\n' +
        '  sai3bench-agent --listen 0.0.0.0:7167 --allow-path /mnt/bench\n',
    )
    .configureHelp({ optionDescription })
    .showHelpAfterError('  -> add --help for all options')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        host.sink.write(text);
      },
      writeErr: host.writeError,
    });
  try {
    program.parse(argv, { from: 'user' });
    return await runAgent(program.opts<AgentOptions>(), host);
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    }
    host.writeError(`sai3bench-agent: ${printable(formatError(error))}\n`);
    return BenchError.from(error).class === 'config' ? EXIT_CODES.usage : EXIT_CODES.runFailed;
  }
}

/** What help says of an option: of a switch not that it is off unless it is given. */
function optionDescription(option: Option): string {
  return option.isBoolean() ? option.description : new Help().optionDescription(option);
}

function collect(value: string, values: readonly string[]): string[] {
  return [...values, value];
}
