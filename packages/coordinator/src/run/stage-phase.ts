import { conditionToWire, type PlainPoolCondition } from '@sai3bench/barrier-protocol';
import { summarizeError } from '@sai3bench/errors';
import type { Stage } from '@sai3bench/workload-config';
import type { ActiveRun } from './active-run.ts';
import { notFinishedError, notLoadedError } from './agent-errors.ts';
import { abortRun } from './end-phase.ts';
import type { Gate } from './gate.ts';
import type { RunFailure } from './run-outcome.ts';
import { unfinishedDatasets } from './exchange-phase.ts';
import { StageLoading } from './stage-loading.ts';
import { StageSession } from './stage-session.ts';
import { planStart } from './stage-start.ts';
import { waitAtGate } from './wait-at-gate.ts';

const VIEW_INTERVAL_MS = 500;
/** Counting down less than this is not worth a line. */
const SHORTEST_COUNTDOWN_MS = 500;

/**
 * Runs one stage on all agents up to its barrier; returns whether the next one may begin. When it may not, the agents
 * have been stopped, except after a cleanup or a verify, which goes on where it works unless it takes too long.
 */
export async function runStage(run: ActiveRun, stage: Stage, index: number): Promise<boolean> {
  const { observer, workload } = run.options;
  const { team } = run;
  const failuresBefore = team.failures.length;
  run.stageIndex = index;
  team.enterStage(stage.name);
  const loading = await loadStage(run, stage, index);
  if (
    loading === undefined ||
    (index === 0 && !(await countDown(run))) ||
    !(await freshenClocks(run))
  ) {
    await abortRun(run);
    return false;
  }
  const isPatient = stage.kind === 'cleanup' || stage.kind === 'verify';
  const gate = team.newGate(isPatient);
  const session = beginStage(run, stage, index, loading.conditions);
  const opened = await watchStage(run, session, gate);
  const isLate = team.failures.slice(failuresBefore).some(isTimeout);
  const isOver = team.stopReason !== undefined || team.failedHere || isLate;
  const stopsAll = isOver || (!opened && !isPatient);
  if (stopsAll) await abortRun(run);
  closeStage(run, session, team.failures.slice(failuresBefore));
  if (!stopsAll) {
    observer.detail(
      `Barrier after stage ${stage.name} is open; stages left: ${String(workload.stages.length - index - 1)}`,
    );
  }
  if (opened && stage.kind === 'prepare') await settle(run, session);
  return opened && !run.isOver;
}

/** Waits after a prepare stage that has made something, where the file asks for it. */
async function settle(run: ActiveRun, session: StageSession): Promise<void> {
  const { postDelayMs } = run.options.workload.prepare;
  if (postDelayMs === 0 || session.tally.total().operationCount() === 0) return;
  run.options.observer.settling(postDelayMs);
  // An agent that is lost meanwhile breaks the gate, and so does a user who wants the end.
  await pause(postDelayMs, run.team.newGate());
}

/** Lets the agents do what the stage needs before its clock starts; undefined when they cannot. */
async function loadStage(
  run: ActiveRun,
  stage: Stage,
  index: number,
): Promise<StageLoading | undefined> {
  const { observer, startOver, workload } = run.options;
  const { members } = run.team;
  const gate = run.team.newGate();
  const loading = new StageLoading(() => run.nowMs());
  run.loading = loading;
  const goOnWith = startOver || run.prepared ? [] : unfinishedDatasets(members);
  run.team.broadcast(({ plan }) => ({
    case: 'loadStage',
    value: {
      $typeName: 'sai3bench.agent.v1.LoadStage',
      stage: index,
      startOver: startOver || plan.prepare.forceOverwrite,
      goOnWith,
    },
  }));
  const beganAtMs = run.nowMs();
  const timeoutMs = workload.agentReadyTimeoutMs;
  const loaded = await waitAtGate(run, gate, {
    timeoutMs,
    movedAtMs: () => loading.movedAtMs,
    report: (arrived, msLeft) => {
      // What takes no time needs no words.
      if (run.nowMs() - beganAtMs < SHORTEST_COUNTDOWN_MS) return;
      observer.waitingForStage({
        ...{ stage: stage.name, loaded: arrived, agents: members.length, msLeft },
        elapsedMs: run.nowMs() - beganAtMs,
        progress: loading.total,
      });
    },
    lateError: (id) => notLoadedError(id, stage.name, timeoutMs),
  });
  run.loading = undefined;
  if (loaded && stage.kind === 'prepare') {
    run.prepared = true;
    observer.objectsFound(loading.found);
  }
  return loaded ? loading : undefined;
}

/** Counts down to the first stage, second by second; returns whether nothing came between. */
async function countDown(run: ActiveRun): Promise<boolean> {
  const { nowNs, observer, startDelayMs } = run.options;
  const gate = run.team.newGate();
  const endMs = nowNs() / 1e6 + startDelayMs;
  for (let second = Math.ceil(startDelayMs / 1000); second >= 0; second--) {
    const waitMs = endMs - second * 1000 - nowNs() / 1e6;
    if (waitMs > 0) await pause(waitMs, gate);
    if (run.isOver) return false;
    if (second > 0 && startDelayMs >= SHORTEST_COUNTDOWN_MS) observer.countdown(second * 1000);
  }
  observer.started();
  return true;
}

/** Makes sure that the clocks of the agents are known well enough for a common start. */
async function freshenClocks(run: ActiveRun): Promise<boolean> {
  await run.options.stop.race(run.clocks.freshen());
  return !run.isOver;
}

/** Orders all agents to begin at one instant. */
function beginStage(
  run: ActiveRun,
  stage: Stage,
  index: number,
  conditions: readonly PlainPoolCondition[],
): StageSession {
  const { metadata, now, nowNs, observer, results, workload } = run.options;
  const { members } = run.team;
  const pools = conditions.map(conditionToWire);
  const start = planStart(run);
  const { instantNs } = start;
  run.team.broadcast(({ clock }) => ({
    case: 'beginStage',
    value: {
      $typeName: 'sai3bench.agent.v1.BeginStage',
      stage: index,
      startAtMonotonicNs: BigInt(Math.round(instantNs + clock.at(instantNs).offsetNs)),
      pools,
    },
  }));
  observer.detail(
    `Stage ${stage.name} begins in ${((instantNs - nowNs()) / 1e6).toFixed(0)} ms on all agents (clock error at most ${start.worstErrorMs.toFixed(3)} ms)`,
  );
  const session = new StageSession({
    stage,
    number: index + 1,
    stages: workload.stages.length,
    members,
    results,
    writing: workload,
    verify: workload.verify,
    start,
    elapsedMs: () => (nowNs() - instantNs) / 1e6,
    now,
    testName: metadata.test_name,
  });
  run.session = session;
  return session;
}

/** Shows the stage until all agents have ended it or one has failed; returns whether all have ended it. */
async function watchStage(run: ActiveRun, session: StageSession, gate: Gate): Promise<boolean> {
  const { observer } = run.options;
  const limit = limitStage(run, session, gate);
  observer.stageStarted(session.view());
  const views = setInterval(() => {
    observer.stageProgress(session.view());
  }, VIEW_INTERVAL_MS);
  try {
    return (await gate.result).type === 'open';
  } finally {
    clearInterval(views);
    clearTimeout(limit);
  }
}

/** Waits no longer for a stage than the workload allows; what agents have done by then is kept. */
function limitStage(run: ActiveRun, session: StageSession, gate: Gate): NodeJS.Timeout | undefined {
  const { name, timeoutMs } = session.stage;
  if (timeoutMs === undefined) return undefined;
  return setTimeout(() => {
    const late = new Set(gate.missing);
    for (const member of run.team.members) {
      if (late.has(member.id)) {
        run.team.failWork(member, notFinishedError(member.id, name, timeoutMs));
      }
    }
  }, timeoutMs - session.elapsedMs);
}

/** Whether an agent is well but has not ended a stage in time. */
export function isTimeout({ error }: RunFailure): boolean {
  return error.code === 'STAGE_TIMEOUT';
}

function closeStage(run: ActiveRun, session: StageSession, failures: readonly RunFailure[]): void {
  run.session = undefined;
  run.record.addTotals(session.tally.total());
  const ended = session.finish(partialReason(run, session, failures));
  run.record.addStage(ended, session);
  const unexpected = session.expectationWarning(ended);
  if (unexpected !== undefined) {
    run.options.observer.warning(`stage ${session.stage.name}: ${unexpected}`);
  }
  run.options.observer.stageEnded({
    stage: session.stage,
    view: session.view(),
    result: ended,
    failed: new Set(failures.map(({ agentId }) => agentId)),
    errors: session.errorGroups(),
  });
}

/** Why the results of a stage are not those of a whole stage; undefined when they are. */
function partialReason(
  run: ActiveRun,
  session: StageSession,
  failures: readonly RunFailure[],
): string | undefined {
  // A stage that has found objects wrong has done all that it was to do.
  const broken = failures.filter(({ error }) => error.code !== 'VERIFY_FAILED');
  if (broken.length > 0) {
    return broken.map(({ agentId, error }) => `${agentId}: ${summarizeError(error)}`).join('; ');
  }
  if (run.team.stopReason !== undefined) return `the run was ${run.team.stopReason}`;
  const missing = [...session.tally.agents].filter(([, { summary }]) => summary === undefined);
  return missing.length === 0
    ? undefined
    : `no final report of ${missing.map(([id]) => id).join(', ')}`;
}

/** Waits for a time, or until a gate breaks. */
async function pause(durationMs: number, gate: Gate): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, durationMs);
  });
  await Promise.race([gate.result, over]);
  clearTimeout(timer);
}
