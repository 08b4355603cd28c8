import { BenchError, type ExitCode, EXIT_CODES, formatError } from '@sai3bench/errors';
import { Terminal } from '@sai3bench/terminal';
import type { LinkOptions } from '../agents/agent-links.ts';
import { hostname, userInfo } from 'node:os';
import type { ProcessIo } from '../process-io.ts';
import { ANSWER_TIMEOUT_MS, askAgents, findLeftRun } from './left-agents.ts';

/**
 * `sai3bench-ctl stop`: stops a run on all of its agents, whether or not a controller leads it. A controller that does is
 * told, and ends with what was done.
 *
 * @throws BenchError `RUN_HAS_ENDED`
 */
export async function stopCommand(
  directory: string,
  options: LinkOptions,
  io: ProcessIo,
): Promise<ExitCode> {
  const found = findLeftRun(directory, options, io);
  const terminal = new Terminal(io.sink);
  const { runId } = found.left.run;
  const reason = `sai3bench-ctl stop, by ${userInfo().username} on ${hostname()}`;
  const answers = await askAgents(found, (link) => link.stop(runId, reason, ANSWER_TIMEOUT_MS));
  for (const [{ address, id }, answer] of answers) {
    const line =
      answer.status === 'fulfilled'
        ? `✓ ${id} (${address}): does no more I/O for run ${runId}`
        : `✗ ${formatError(BenchError.from(answer.reason))}`;
    terminal.print(line);
  }
  const all = answers.every(([, { status }]) => status === 'fulfilled');
  return all ? EXIT_CODES.ok : EXIT_CODES.runFailed;
}
