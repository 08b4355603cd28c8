import type { GetRunResponse } from '@sai3bench/barrier-protocol';
import type { AgentLink } from '@sai3bench/coordinator';
import { BenchError, type ExitCode, EXIT_CODES, formatError } from '@sai3bench/errors';
import { Terminal } from '@sai3bench/terminal';
import { formatCount, formatDurationMs } from '@sai3bench/units';
import type { LinkOptions } from '../agents/agent-links.ts';
import { plural } from '../console/render-plan.ts';
import type { ProcessIo } from '../process-io.ts';
import { endUnanswered } from './ask-all.ts';
import { ANSWER_TIMEOUT_MS, askAgents, describeEnd, findLeftRun } from './left-agents.ts';

/**
 * `sai3bench-ctl status`: asks every agent of a run how it is doing, without disturbing its controller.
 *
 * @throws BenchError `RUN_HAS_ENDED`
 */
export async function statusCommand(
  directory: string,
  options: LinkOptions,
  io: ProcessIo,
): Promise<ExitCode> {
  const found = findLeftRun(directory, options, io);
  const { agents, runId, workload } = found.left.run;
  const terminal = new Terminal(io.sink);
  const { ended } = found.left;
  const title = `Run ${runId} on ${plural(agents.length, 'agent')}`;
  terminal.print(ended === undefined ? title : `${title}: ${describeEnd(ended)}`);
  const answers = await askAgents(found, (link) => link.status(runId, ANSWER_TIMEOUT_MS));
  if (answers === undefined) return endUnanswered(io, 'before all agents had answered');
  for (const [link, answer] of answers) {
    const line =
      answer.status === 'fulfilled'
        ? `✓ ${describe(link, answer.value, workload.stages.length)}`
        : `✗ ${formatError(BenchError.from(answer.reason))}`;
    terminal.print(line);
  }
  const all = answers.every(([, { status }]) => status === 'fulfilled');
  return all ? EXIT_CODES.ok : EXIT_CODES.preflight;
}

function describe({ address, id }: AgentLink, status: GetRunResponse, stages: number): string {
  const { controllerConnected, controllerSilentMs, errors, operations, stage, stageName, state } =
    status;
  const controller = controllerConnected
    ? 'led by a controller'
    : `WITHOUT A CONTROLLER for ${formatDurationMs(controllerSilentMs)}`;
  const place =
    stageName === '' ? '' : ` stage ${String(stage + 1)}/${String(stages)} ${stageName}`;
  const done = [
    ...(status.tasksTotal > 0n
      ? [
          `${formatCount(Number(status.tasksDone))} of ${formatCount(Number(status.tasksTotal))} objects`,
        ]
      : [`${formatCount(Number(operations))} operations`]),
    ...(errors > 0n ? [`${formatCount(Number(errors))} errors`] : []),
  ].join(', ');
  return `${id} (${address}): ${state}${place}, ${done}, ${controller}`;
}
