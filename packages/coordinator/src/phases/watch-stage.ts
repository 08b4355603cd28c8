import { BarrierWaitTeller } from '../barrier/barrier-wait.ts';
import type { Gate, GateResult } from '../barrier/gate.ts';
import { notFinishedError } from '../link/agent-errors.ts';
import type { ActiveRun } from '../run/active-run.ts';
import type { RunFailure } from '../run/run-outcome.ts';
import type { StageSession } from '../stage/stage-session.ts';

const VIEW_INTERVAL_MS = 500;

/** Shows a stage until the barrier after it is open, or can open no more. */
export async function watchStage(
  run: ActiveRun,
  session: StageSession,
  gate: Gate,
): Promise<GateResult> {
  const { observer } = run.options;
  const limit = limitStage(run, session, gate);
  const waiting = new BarrierWaitTeller(run, session, gate);
  observer.stageStarted(session.view());
  const views = setInterval(() => {
    observer.stageProgress(session.view());
    waiting.look();
  }, VIEW_INTERVAL_MS);
  try {
    return await gate.result;
  } finally {
    clearInterval(views);
    clearTimeout(limit);
  }
}

/** Waits no longer for a stage than the workload allows; what agents have done by then is kept. */
function limitStage(run: ActiveRun, session: StageSession, gate: Gate): NodeJS.Timeout | undefined {
  const { stage } = session;
  const { timeoutMs } = stage;
  if (timeoutMs === undefined) return undefined;
  return setTimeout(() => {
    const late = new Set(gate.missing);
    for (const member of run.team.participants) {
      if (late.has(member.id)) {
        run.team.failWork(member, notFinishedError(member.id, stage, timeoutMs));
      }
    }
  }, timeoutMs - session.elapsedMs);
}

/** Whether an agent is well but has not ended a stage in time. */
export function isTimeout({ error }: RunFailure): boolean {
  return error.code === 'STAGE_TIMEOUT';
}
