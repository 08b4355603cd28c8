import { EXIT_CODES, type ExitCode } from '@sai3bench/errors';
import { runProgram } from './program.ts';

const stopRequested = new Promise<ExitCode>((resolve) => {
  process.once('SIGINT', () => {
    resolve(EXIT_CODES.interrupted);
  });
  process.once('SIGTERM', () => {
    resolve(EXIT_CODES.terminated);
  });
});

process.exitCode = await runProgram(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  stopRequested,
});
