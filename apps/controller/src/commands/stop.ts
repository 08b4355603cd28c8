import { isProcessGone } from '@sai3bench/control-link';
import { type AgentLink, confirmEnds, type ConfirmedEnds } from '@sai3bench/coordinator';
import { BenchError, type ExitCode, EXIT_CODES, formatError } from '@sai3bench/errors';
import { Terminal } from '@sai3bench/terminal';
import type { LinkOptions } from '../agents/agent-links.ts';
import { hostname, userInfo } from 'node:os';
import type { ProcessIo } from '../process-io.ts';
import { endUnanswered } from './ask-all.ts';
import { ANSWER_TIMEOUT_MS, askAgents, findLeftRun, type LeftAgents } from './left-agents.ts';

/**
 * `sai3bench-ctl stop`: stops a run on all of its agents, whether or not a controller leads it. A controller that does is
 * told, and ends with what was done. Also stops the agents that had not confirmed the end of a run that has ended: what they
 * have done is for `attach` to take over.
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
  if (answers === undefined) {
    return endUnanswered(
      io,
      `before all agents had answered: it is not known whether they have stopped\n  -> ask them with: sai3bench-ctl status ${found.path}`,
    );
  }
  const gone: string[] = [];
  const stopped: string[] = [];
  for (const [link, answer] of answers) {
    const how = howStopped(found, link, answer);
    if (how !== undefined) (how.knowsRun ? stopped : gone).push(link.id);
    terminal.print(
      how === undefined && answer.status === 'rejected'
        ? `✗ ${formatError(BenchError.from(answer.reason))}`
        : `✓ ${link.id} (${link.address}): ${how?.words ?? ''}`,
    );
  }
  const holding = holdingOf(found, { gone, stopped });
  if (holding.length > 0) terminal.print(renderHolding(holding, found.path));
  const areStopped = stopped.length + gone.length === answers.length;
  return areStopped ? EXIT_CODES.ok : EXIT_CODES.runFailed;
}

/** Agents whose work nobody has taken over, or is there to take over. */
function holdingOf({ left, path }: LeftAgents, ends: ConfirmedEnds): readonly string[] {
  if (left.ended !== undefined) return confirmEnds(path, ends);
  return isProcessGone(left.run.controller) ? ends.stopped : [];
}

/** How it is known that an agent does no more I/O. */
interface Stopped {
  readonly words: string;
  /** Whether it may hold something that it has done. */
  readonly knowsRun: boolean;
}

/** Undefined when it is not known. */
function howStopped(
  { left }: LeftAgents,
  { id }: AgentLink,
  answer: PromiseSettledResult<Awaited<ReturnType<AgentLink['stop']>>>,
): Stopped | undefined {
  const { processes, runId } = left.run;
  if (answer.status === 'fulfilled') {
    return answer.value === 'stopped'
      ? { words: `does no more I/O for run ${runId}`, knowsRun: true }
      : {
          words: `knows nothing of run ${runId} any more, and does no I/O for it`,
          knowsRun: false,
        };
  }
  const process = processes[id];
  const isGone = process !== undefined && isProcessGone(process);
  return isGone ? { words: 'its process has ended', knowsRun: false } : undefined;
}

/** What there is to do about work that nobody has taken over. */
function renderHolding(holding: readonly string[], path: string): string {
  return `⚠ Not in the results yet: what ${holding.join(', ')} had done when the run ended\n  -> take it over with: sai3bench-ctl attach ${path}, before the next run on these agents`;
}
