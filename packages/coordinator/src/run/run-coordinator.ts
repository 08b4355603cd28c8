import { BenchError } from '@sai3bench/errors';
import { AgentLink } from '../link/agent-link.ts';
import { connectAgents } from '../phases/connect-phase.ts';
import { abortRun, endRun } from '../phases/end-phase.ts';
import { exchangeStates } from '../phases/exchange-phase.ts';
import { checkStorage } from '../phases/preflight-phase.ts';
import { startAgents } from '../phases/ready-phase.ts';
import { runStages } from '../phases/run-stages.ts';
import { endAborted } from '../takeover/end-aborted.ts';
import { endAgain } from '../takeover/end-again.ts';
import { hearOut } from '../takeover/hear-out.ts';
import type { LeftRun } from '../takeover/left-run.ts';
import { restoreRun } from '../takeover/restore-run.ts';
import { takeOver } from '../takeover/take-over.ts';
import { AgentMember } from '../team/agent-member.ts';
import { LivenessWatch } from '../team/liveness-watch.ts';
import { ActiveRun } from './active-run.ts';
import type { RunOptions } from './run-options.ts';
import type { RunOutcome, RunOutcomeKind } from './run-outcome.ts';

/**
 * Drives one run over many agents: checks, common starts, barriers, merged results. Never rejects: whatever an agent,
 * the network or the results directory does wrong becomes a failure of the outcome.
 */
export async function coordinateRun(options: RunOptions): Promise<RunOutcome> {
  const run = new ActiveRun(options, membersOf(options));
  const { members } = run.team;
  const unsubscribe = options.stop.onRequest((reason) => {
    run.team.stop(reason);
  });
  let watch: LivenessWatch | undefined;
  let kind: RunOutcomeKind;
  try {
    if (options.left !== undefined) restoreRun(run, options.left);
    options.results.expectAgents(options.agents.length);
    run.record.begin();
    const started = (): void => {
      watch = watchAgents(run);
      run.clocks.start();
      run.journal.start();
    };
    const { left } = options;
    kind =
      left === undefined ? await runPhases(run, started) : await resumePhases(run, left, started);
  } catch (error) {
    // Only our own side gets here, such as a results directory that cannot be written any more.
    run.team.failHere(BenchError.from(error));
    await abortRun(run);
    kind = 'failed';
  } finally {
    unsubscribe();
    watch?.stop();
    run.clocks.stop();
    run.journal.stop();
    for (const { link } of members) link.close();
  }
  if (run.team.isLedByOther) return run.record.leave(run.team, run.session);
  const reached = run.team.stopReason ?? (run.team.failedHere ? 'failed' : kind);
  return run.record.end(reached, run.team, run.session, (outcome) => {
    run.journal.ended(outcome);
  });
}

async function runPhases(run: ActiveRun, started: () => void): Promise<RunOutcomeKind> {
  const { agents, observer, plans } = run.options;
  if (!(await connectAgents(run)) || !(await checkStorage(run))) return 'preflight-failed';
  observer.concurrency(agents, plans);
  run.journal.writeRun(run.record.startedAt);
  started();
  const areReady = await startAgents(run);
  if (!areReady || !(await exchangeStates(run))) {
    await abortRun(run);
    return !areReady && isRefused(run) ? 'preflight-failed' : 'failed';
  }
  return endRun(run, await runStages(run));
}

/** Whether nothing is wrong but that agents do not take part: somebody else was faster since they were asked. */
function isRefused({ team }: ActiveRun): boolean {
  return team.failures.every(({ error }) => error.code === 'AGENT_REFUSED');
}

/** Goes on with a run that another controller has left. */
async function resumePhases(
  run: ActiveRun,
  left: LeftRun,
  started: () => void,
): Promise<RunOutcomeKind> {
  run.journal.writeRun(run.record.startedAt);
  started();
  const kind = await resume(run, left);
  await hearOut(run);
  return kind;
}

async function resume(run: ActiveRun, left: LeftRun): Promise<RunOutcomeKind> {
  if (left.ended !== undefined) return endAgain(run, left, left.ended);
  if (left.aborting !== undefined || left.failureHere !== undefined) {
    await endAborted(run, left);
    return 'failed';
  }
  const failuresBefore = run.team.failures.length;
  const underWay = await takeOver(run, left);
  if (underWay === 'failed') {
    await abortRun(run);
    return 'failed';
  }
  if (underWay === 'finishing') return endRun(run, run.outcome ?? 'completed', failuresBefore);
  return endRun(run, await runStages(run, underWay));
}

function membersOf({ agents, connect, nowNs, plans }: RunOptions): AgentMember[] {
  return agents.flatMap((agent, index) => {
    const plan = plans[index];
    if (plan === undefined) return [];
    const link = new AgentLink(agent.id, agent.address, () => connect(agent.address));
    return [new AgentMember(agent, plan, link, nowNs() / 1e6)];
  });
}

function watchAgents(run: ActiveRun): LivenessWatch {
  const { observer, workload } = run.options;
  return new LivenessWatch({
    members: run.team.members,
    rule: () => workload.stages[run.stageIndex]?.barrier,
    graceMs: workload.reconnectGraceMs,
    nowMs: () => run.nowMs(),
    onDead: (member, error) => {
      run.session?.agentGone(member.id);
      run.team.fail(member, error);
    },
    onSilent: (member, silentMs) => {
      observer.warning(
        `nothing heard of ${member.id} for ${(silentMs / 1000).toFixed(1)} s: asking whether it is alive`,
      );
    },
  });
}
