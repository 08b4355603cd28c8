import { isProcessGone } from '@sai3bench/control-link';
import { type AgentLink, confirmEnds } from '@sai3bench/coordinator';
import { BenchError, type ExitCode, EXIT_CODES, formatError } from '@sai3bench/errors';
import { Terminal } from '@sai3bench/terminal';
import type { LinkOptions } from '../agents/agent-links.ts';
import { hostname, userInfo } from 'node:os';
import type { ProcessIo } from '../process-io.ts';
import { ANSWER_TIMEOUT_MS, askAgents, findLeftRun, type LeftAgents } from './left-agents.ts';

/**
 * `sai3bench-ctl stop`: stops a run on all of its agents, whether or not a controller leads it. A controller that does is
 * told, and ends with what was done. Also stops the agents that had not confirmed the end of a run that has ended.
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
  const stopped: string[] = [];
  for (const [link, answer] of answers) {
    const how = howStopped(found, link, answer);
    if (how !== undefined) stopped.push(link.id);
    terminal.print(
      how === undefined && answer.status === 'rejected'
        ? `✗ ${formatError(BenchError.from(answer.reason))}`
        : `✓ ${link.id} (${link.address}): ${how ?? ''}`,
    );
  }
  if (found.left.ended !== undefined) confirmEnds(found.path, found.left.ended, stopped);
  return stopped.length === answers.length ? EXIT_CODES.ok : EXIT_CODES.runFailed;
}

/** How it is known that an agent does no more I/O; undefined when it is not. */
function howStopped(
  { left }: LeftAgents,
  { id }: AgentLink,
  answer: PromiseSettledResult<Awaited<ReturnType<AgentLink['stop']>>>,
): string | undefined {
  const { processes, runId } = left.run;
  if (answer.status === 'fulfilled') {
    return answer.value === 'stopped'
      ? `does no more I/O for run ${runId}`
      : `knows nothing of run ${runId} any more, and does no I/O for it`;
  }
  const process = processes[id];
  return process !== undefined && isProcessGone(process) ? 'its process has ended' : undefined;
}
