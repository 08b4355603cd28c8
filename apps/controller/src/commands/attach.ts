import { isProcessGone } from '@sai3bench/control-link';
import {
  type BegunStage,
  coordinateRun,
  exitCodeOf,
  hasControllerError,
  hintsOfUnconfirmed,
  lengthsToKeep,
  planRun,
  refuseVersion,
  RunClaim,
} from '@sai3bench/coordinator';
import type { ExitCode } from '@sai3bench/errors';
import { ResultsDirectory } from '@sai3bench/results-dir';
import { Terminal } from '@sai3bench/terminal';
import { formatDurationMs } from '@sai3bench/units';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { LinkOptions } from '../agents/agent-links.ts';
import { ConsoleObserver } from '../console/console-observer.ts';
import { Console } from '../console/console.ts';
import { hintsOfLeft, leftObjects } from '../console/left-objects.ts';
import { renderOutcome, renderPlace } from '../console/render-outcome.ts';
import { plural } from '../console/render-plan.ts';
import type { ProcessIo } from '../process-io.ts';
import { VERSION } from '../version.ts';
import { endUnanswered } from './ask-all.ts';
import {
  ANSWER_TIMEOUT_MS,
  askAgents,
  describeEnd,
  findLeftRun,
  type LeftAgents,
} from './left-agents.ts';
import { sayDetached, sayEndedAtOnce } from './say-farewell.ts';

/** What the command line says. */
export interface AttachCommandOptions extends LinkOptions {
  readonly verbose: boolean;
}

/**
 * `sai3bench-ctl attach`: takes a run over whose controller was killed or has left it.
 *
 * @throws BenchError `RUN_HAS_ENDED`, `RUN_OTHER_VERSION`, `RUN_HAS_CONTROLLER`; nothing of the run is changed then
 */
export async function attachCommand(
  directory: string,
  options: AttachCommandOptions,
  io: ProcessIo,
): Promise<ExitCode> {
  const claim = RunClaim.take(resolve(io.cwd, directory));
  try {
    // Read only now: another may have gone on with it before.
    return await takeOver(findLeftRun(directory, options, io), claim, options, io);
  } finally {
    claim.release();
  }
}

async function takeOver(
  found: LeftAgents,
  claim: RunClaim,
  options: AttachCommandOptions,
  io: ProcessIo,
): Promise<ExitCode> {
  const { left, links, path } = found;
  refuseVersion(left, VERSION);
  for (const other of claim.unjudged) {
    new Terminal(io.sink).print(
      `⚠ Whether ${other}, which has taken the run over before, has ended cannot be seen here: asking the agents`,
    );
  }
  if ((await refuseSecondController(found)) === undefined) {
    return endUnanswered(
      io,
      `before the run was taken over: it goes on as it did\n  -> stop it with: sai3bench-ctl stop ${path}`,
    );
  }
  const { agents, metadata, ownsAgents, runId, startDelayMs, startedAtMs, startOver, workload } =
    left.run;
  const console = new Console(new Terminal(io.sink), options.verbose);
  const results = ResultsDirectory.reopen(path, lengthsToKeep(left));
  console.keepWith((line) => {
    results.addConsoleLine(line);
  });
  io.detachment.allow(() => {
    sayDetached(console, path, workload.reconnectGraceMs);
    claim.release();
  });
  io.detachment.whenEndedAtOnce(() => {
    sayEndedAtOnce(console, path);
    claim.release();
  });
  try {
    console.line(`=== Attached to run ${runId} on ${plural(agents.length, 'agent')} ===`);
    if (left.ended !== undefined) console.line(`The run ${describeEnd(left.ended)}`);
    const observer = new ConsoleObserver(
      console,
      workload,
      (agentId, line) => {
        results.agent(agentId).addConsoleLine(line);
      },
      () => performance.now(),
    );
    const leftHints = (begun: readonly BegunStage[]): string[] =>
      hintsOfLeft(leftObjects(workload, runId, begun), metadata.config_path);
    const outcome = await coordinateRun({
      leftHints,
      ...{ workload, agents, results, observer, left, runId, startDelayMs, startOver, startedAtMs },
      ownsAgents,
      plans: planRun(workload, agents, { runId, dataSeed: metadata.data_seed }),
      connect: (address) => links.connect(address),
      stop: io.stop,
      version: VERSION,
      metadata,
      nowNs: () => Number(process.hrtime.bigint()),
      now: () => new Date(),
    });
    observer.ended();
    console.line();
    const { unconfirmed } = outcome;
    const { reconnectGraceMs } = workload;
    const unconfirmedHints = hintsOfUnconfirmed({ unconfirmed, reconnectGraceMs, path: path });
    console.lines(renderOutcome(outcome, leftHints(outcome.begun), unconfirmedHints));
    console.line(renderPlace(path, existsSync(path)));
    return exitCodeOf(outcome);
  } finally {
    io.detachment.forbid();
    console.terminal.clear();
    results.close();
  }
}

/** Two controllers would write into one results directory. Undefined when the program is to end before that is known. */
async function refuseSecondController(found: LeftAgents): Promise<true | undefined> {
  const { controller, runId } = found.left.run;
  if (controller.hostname === hostname() && !isProcessGone(controller)) {
    throw hasControllerError(`process ${String(controller.processId)} on this host`);
  }
  const answers = await askAgents(found, (link) => link.status(runId, ANSWER_TIMEOUT_MS));
  if (answers === undefined) return undefined;
  for (const [{ id }, answer] of answers) {
    if (answer.status !== 'fulfilled' || !answer.value.controllerConnected) continue;
    const silent = formatDurationMs(answer.value.controllerSilentMs);
    throw hasControllerError(`${id} heard of it ${silent} ago`);
  }
  return true;
}
