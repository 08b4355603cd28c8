import { tmpdir } from 'node:os';
import { TOKEN_VARIABLE } from '@sai3bench/control-link';
import { EXIT_CODES, type ExitCode } from '@sai3bench/errors';
import type { AgentProcess } from './agent.ts';
import { runProgram } from './program.ts';

type Stop = Awaited<AgentProcess['stopRequested']>;

// A reader of our output that went away is no reason to stop a run.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const stopRequested = new Promise<Stop>((resolve) => {
  const stop = (reason: string, exitCode: ExitCode): void => {
    resolve({ reason, exitCode });
  };
  let interrupts = 0;
  process.on('SIGINT', () => {
    if (++interrupts > 1) process.exit(EXIT_CODES.interrupted);
    stop('the agent was stopped by SIGINT', EXIT_CODES.interrupted);
  });
  // A hang-up is what an agent gets when its terminal, or the connection to it, is closed.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stop(`the agent was stopped by ${signal}`, EXIT_CODES.terminated);
    });
  }
  if (process.argv.includes('--until-stdin-ends')) {
    process.stdin.resume();
    process.stdin.once('end', () => {
      stop('the controller has ended', EXIT_CODES.ok);
    });
  }
});

const env = { ...process.env };
// The processes that do the I/O have no use for it.
Reflect.deleteProperty(process.env, TOKEN_VARIABLE);

const exitCode = await runProgram(process.argv.slice(2), {
  sink: process.stdout,
  writeError: (text) => process.stderr.write(text),
  env,
  temporaryDirectory: tmpdir(),
  stopRequested,
});
process.exit(exitCode);
