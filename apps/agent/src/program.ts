import { DEFAULT_AGENT_PORT } from '@sai3bench/barrier-protocol';
import { BenchError, EXIT_CODES, type ExitCode, formatError } from '@sai3bench/errors';
import { parseWorkers } from '@sai3bench/workload-engine';
import { Command, CommanderError, Option } from 'commander';
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
    .option('--insecure', 'allow an unencrypted link beyond this host', false)
    .option(
      '--workers <count>',
      'worker threads for S3 (default: one for each CPU that may be used)',
      parseWorkers,
    )
    // For agents that a controller starts for one run: they end with it.
    .addOption(new Option('--until-stdin-ends').default(false).hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  sai3bench-agent\n' +
        '  sai3bench-agent -v --listen 127.0.0.1:7761\n' +
        '  sai3bench-agent --workers 8\n' +
        '  sai3bench-agent --insecure --listen 0.0.0.0:7167\n',
    )
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
    host.writeError(`sai3bench-agent: ${formatError(error)}\n`);
    return BenchError.from(error).class === 'config' ? EXIT_CODES.usage : EXIT_CODES.runFailed;
  }
}
