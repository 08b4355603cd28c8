import type { Stage } from '@sai3bench/workload-config';
import { barrierRule } from '../barrier/barrier-rule.ts';
import type { Gate } from '../barrier/gate.ts';
import { waitBriefly } from '../barrier/wait-briefly.ts';
import type { ActiveRun } from '../run/active-run.ts';
import type { StageSession } from '../stage/stage-session.ts';
import { beginStage } from './begin-stage.ts';
import { closeStage } from './close-stage.ts';
import { countDown } from './count-down.ts';
import { abortRun } from './end-phase.ts';
import { goOnWithout } from './go-on-without.ts';
import { loadStage } from './load-stage.ts';
import { stopStage, tellToStopStage } from './stop-stage.ts';
import { isTimeout, watchStage } from './watch-stage.ts';

/**
 * Runs one stage on all agents up to its barrier; returns whether the next one may begin. When it may not, the agents
 * have been stopped, except after a cleanup or a verify, which goes on where it works unless it takes too long.
 */
export async function runStage(run: ActiveRun, stage: Stage, index: number): Promise<boolean> {
  const { team } = run;
  const failuresBefore = team.failures.length;
  run.stageIndex = index;
  team.enterStage(stage.name);
  run.journal.stageComes();
  const loading = await loadStage(run, stage, index);
  if (
    loading === undefined ||
    (index === 0 && !(await countDown(run))) ||
    !(await freshenClocks(run))
  ) {
    await abortRun(run);
    return false;
  }
  const gate = team.newGate(barrierRule(stage));
  const session = beginStage(run, stage, index, loading.conditions);
  return endStage(run, { stage, index, session, gate, failuresBefore });
}

/** A stage that agents are at work on. */
export interface StageUnderWay {
  readonly stage: Stage;
  /** Position among the stages. */
  readonly index: number;
  readonly session: StageSession;
  /** The barrier after it. */
  readonly gate: Gate;
  /** Failures of the run before it. */
  readonly failuresBefore: number;
}

/** Waits for the barrier after a stage, and does what follows; returns whether the next stage may begin. */
export async function endStage(run: ActiveRun, underWay: StageUnderWay): Promise<boolean> {
  const { failuresBefore, gate, index, session, stage } = underWay;
  const { team } = run;
  const result = await watchStage(run, session, gate);
  const isForgiven = await surviveOptional(run, stage, index, failuresBefore);
  const isOpen = result.type === 'open' || isForgiven;
  if (!isOpen) await endUnlessPatient(run, stage, failuresBefore);
  // Those that have failed in a stage that need not work take part in the next one.
  if (result.type === 'open')
    passBarrier(run, stage, index, gate, isForgiven ? [] : result.without);
  closeStage(run, session, team.failures.slice(failuresBefore));
  if (isOpen && stage.kind === 'prepare') await settle(run, stage, session);
  return isOpen && !run.isOver;
}

/** Makes sure that the clocks of the agents are known well enough for a common start. */
async function freshenClocks(run: ActiveRun): Promise<boolean> {
  await run.options.stop.race(run.clocks.freshen());
  return !run.isOver;
}

/** Goes on with all agents after a stage that need not work and has failed, if they are well; returns whether it does. */
async function surviveOptional(
  run: ActiveRun,
  stage: Stage,
  index: number,
  failuresBefore: number,
): Promise<boolean> {
  const { team } = run;
  const goesOn = (): boolean =>
    team.members.every(({ active, id }) => active || team.hasGivenUp(id)) &&
    team.stopReason === undefined &&
    !team.failedHere;
  if (!stage.optional || team.failures.length === failuresBefore || !goesOn()) return false;
  await stopStage(run, index, `stage ${stage.name} is optional, and has failed`);
  if (!goesOn()) return false;
  const failed = new Set(team.failures.slice(failuresBefore).map(({ agentId }) => agentId));
  team.forgive(failuresBefore);
  run.options.observer.warning(
    `stage ${stage.name} failed (${String(failed.size)} of ${String(team.members.length)} agents); it is optional, so the run goes on`,
  );
  return true;
}

/** Stops all agents after a stage that cannot be gone on from, unless the others are to end what they are at. */
async function endUnlessPatient(
  run: ActiveRun,
  stage: Stage,
  failuresBefore: number,
): Promise<void> {
  const { failedHere, failures, stopReason } = run.team;
  const isLate = failures.slice(failuresBefore).some(isTimeout);
  const isPatient = barrierRule(stage).isPatient && !stage.optional;
  if (stopReason !== undefined || failedHere || isLate || !isPatient) await abortRun(run);
}

/** Goes on to the next stage, with those that are there. */
function passBarrier(
  run: ActiveRun,
  stage: Stage,
  index: number,
  gate: Gate,
  without: readonly string[],
): void {
  const { observer, workload } = run.options;
  const { team } = run;
  team.rejoin(gate);
  const late = team.active.filter(({ id }) => without.includes(id));
  const overdue = new Set(team.failures.filter(isTimeout).map(({ agentId }) => agentId));
  tellToStopStage(
    late.filter(({ id }) => overdue.has(id)),
    index,
    `stage ${stage.name} takes too long`,
  );
  goOnWithout(run, without, { lacking: index, stage: index + 1 });
  observer.detail(
    `Barrier after stage ${stage.name} is open; stages left: ${String(workload.stages.length - index - 1)}`,
  );
}

/** Waits after a prepare stage that has made something, where the file asks for it. */
async function settle(run: ActiveRun, stage: Stage, session: StageSession): Promise<void> {
  const { postDelayMs } = run.options.workload.prepare;
  if (postDelayMs === 0 || session.tally.operations.size === 0) return;
  run.options.observer.settling(postDelayMs);
  // Too many agents that are lost meanwhile break the gate, and so does a user who wants the end.
  const gate = run.team.newGate(barrierRule(stage));
  await waitBriefly(postDelayMs, gate);
  if (!gate.isBroken) run.team.tolerate();
}
