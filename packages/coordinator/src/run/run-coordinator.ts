import { BenchError } from '@sai3bench/errors';
import { runsMix } from '@sai3bench/workload-config';
import { ActiveRun } from './active-run.ts';
import { AgentLink } from './agent-link.ts';
import { AgentMember } from './agent-member.ts';
import { closeLateStages } from './close-stage.ts';
import { connectAgents } from './connect-phase.ts';
import { abortRun, finishRun } from './end-phase.ts';
import { exchangeStates } from './exchange-phase.ts';
import { LivenessWatch } from './liveness-watch.ts';
import { checkStorage } from './preflight-phase.ts';
import { startAgents } from './ready-phase.ts';
import type { RunOptions } from './run-options.ts';
import type { RunOutcome, RunOutcomeKind } from './run-outcome.ts';
import { runStage } from './stage-phase.ts';
import { isTimeout } from './watch-stage.ts';

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
    run.record.begin();
    kind = await runPhases(run, () => {
      watch = watchAgents(run);
      run.clocks.start();
    });
  } catch (error) {
    // Only our own side gets here, such as a results directory that cannot be written any more.
    run.team.failHere(BenchError.from(error));
    await abortRun(run);
    kind = 'failed';
  } finally {
    unsubscribe();
    watch?.stop();
    run.clocks.stop();
    for (const { link } of members) link.close();
  }
  return run.record.end(run.team.stopReason ?? (run.team.failedHere ? 'failed' : kind), run.team);
}

async function runPhases(run: ActiveRun, started: () => void): Promise<RunOutcomeKind> {
  const { agents, observer, plans } = run.options;
  if (!(await connectAgents(run)) || !(await checkStorage(run))) return 'preflight-failed';
  observer.concurrency(agents, plans);
  started();
  if (!(await startAgents(run)) || !(await exchangeStates(run))) {
    await abortRun(run);
    return 'failed';
  }
  const kind = await runStages(run);
  const failuresBefore = run.team.failures.length;
  // After a run that has failed, agents that were not stopped are well: they end it as after any other.
  if (kind !== 'failed' || run.team.active.some(({ isDismissed }) => !isDismissed)) {
    await finishRun(run);
  }
  closeLateStages(run);
  if (kind !== 'completed') return kind;
  if (run.team.failures.length > failuresBefore) return 'cleanup-failed';
  return run.team.wentOnWithout.size > 0 ? 'degraded' : kind;
}

async function runStages(run: ActiveRun): Promise<'completed' | 'failed' | 'cleanup-failed'> {
  let measured = false;
  for (const [index, stage] of run.options.workload.stages.entries()) {
    if (!(await runStage(run, stage, index))) {
      const { active, failures } = run.team;
      const areWell = active.length > 0 || failures.every(isTimeout);
      const onlyCleanup = stage.kind === 'cleanup' && measured && areWell;
      return onlyCleanup && !run.team.failedHere ? 'cleanup-failed' : 'failed';
    }
    measured ||= runsMix(stage.kind) || stage.kind === 'prepare';
  }
  return 'completed';
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
