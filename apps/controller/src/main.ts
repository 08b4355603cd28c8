import { createInterface } from 'node:readline/promises';
import { readBoundedFile } from '@sai3bench/control-link';
import { StopSignal } from '@sai3bench/coordinator';
import { EXIT_CODES } from '@sai3bench/errors';
import { ENDED_AT_ONCE } from './commands/say-farewell.ts';
import { Detachment } from './detachment.ts';
import { runProgram } from './program.ts';

/** The largest message that agents take: what describes a run is part of one. */
const MOST_CONFIG_BYTES = 16 * 1024 * 1024;
const SHOW_CURSOR = '\u001b[?25h';

// A reader of our output that went away is no reason to stop a run.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const stop = new StopSignal();
const detachment = new Detachment();
process.on('SIGINT', () => {
  // The second Ctrl-C ends everything at once, not without saying what that means; the terminal is left as it was.
  if (stop.reason !== undefined) {
    if (!detachment.endAtOnce()) process.stderr.write(`${ENDED_AT_ONCE}\n`);
    leave(EXIT_CODES.interrupted);
  }
  stop.request('interrupted', 'The run was interrupted by Ctrl-C (SIGINT)');
});
process.on('SIGTERM', () => {
  stop.request('terminated', 'The run was terminated by SIGTERM');
});
// A terminal that was closed ends a run only where it cannot go on without this process.
process.on('SIGHUP', () => {
  if (detachment.leave()) leave(EXIT_CODES.detached);
  stop.request('terminated', 'The run was terminated: its terminal was closed (SIGHUP)');
});

const exitCode = await runProgram(process.argv.slice(2), {
  sink: process.stdout,
  writeError: (text) => process.stderr.write(text),
  cwd: process.cwd(),
  env: process.env,
  commandLine: process.argv.slice(1),
  readFile: (path) => readBoundedFile(path, { mostBytes: MOST_CONFIG_BYTES }).text,
  ask: process.stdin.isTTY && process.stdout.isTTY ? ask : undefined,
  stop,
  detachment,
});
leave(exitCode);

/** Ctrl-D and Ctrl-C are no answer; Ctrl-C asks for the end as well. */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<undefined>((resolve) => {
    terminal.once('close', () => {
      resolve(undefined);
    });
  });
  terminal.once('SIGINT', () => {
    stop.request('interrupted');
    terminal.close();
  });
  try {
    const answer = await Promise.race([terminal.question(question), closed]);
    // Only an answer ends its line itself.
    if (answer === undefined) process.stdout.write('\n');
    return answer ?? '';
  } finally {
    terminal.close();
  }
}

function leave(code: number): never {
  if (process.stdout.isTTY) process.stdout.write(SHOW_CURSOR);
  process.exit(code);
}
