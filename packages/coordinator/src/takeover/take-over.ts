import { barrierRule } from '../barrier/barrier-rule.ts';
import { waitAtGate } from '../barrier/wait-at-gate.ts';
import { notReadyError } from '../link/agent-errors.ts';
import { exchangeStates } from '../phases/exchange-phase.ts';
import { measureClocks } from '../phases/ready-phase.ts';
import type { ResumedStage } from '../phases/run-stages.ts';
import type { ActiveRun } from '../run/active-run.ts';
import { failMember, takeOutcome } from '../run/take-outcome.ts';
import { summaryFromText } from '../stage/report-text.ts';
import { ANSWER_MS, attachAgents } from './attach-agents.ts';
import type { LeftRun, LeftStage } from './left-run.ts';
import { restoreLateStages } from './restore-late-stages.ts';
import { restoreSession } from './restore-run.ts';

/**
 * Takes the agents of a run over that another controller has left.
 *
 * @returns where the run goes on; `finishing` when its stages are over, `failed` when it cannot go on
 */
export async function takeOver(
  run: ActiveRun,
  left: LeftRun,
): Promise<ResumedStage | 'finishing' | 'failed'> {
  const { stage } = left;
  if (stage !== undefined) restoreLateStages(run, left, stage);
  if (stage?.begun !== undefined && (await hasBegun(run, stage))) {
    return takeOverStage(run, left, stage);
  }
  const gate = run.team.newGate();
  run.awaitsReady = true;
  attachActive(run, left);
  if (stage?.isFinishing === true) for (const member of run.team.active) member.dismiss('finish');
  const timeoutMs = run.options.workload.agentReadyTimeoutMs;
  const opened = await waitAtGate(run, gate, {
    timeoutMs,
    report: () => undefined,
    lateError: (id) => notReadyError(id, timeoutMs),
  });
  run.awaitsReady = false;
  if (stage?.isFinishing === true) return 'finishing';
  if (opened.type === 'broken') return 'failed';
  await measureClocks(run);
  // Before the first stage, agents may not know yet what others know of their objects.
  if (stage === undefined && !(await exchangeStates(run))) return 'failed';
  return run.isOver ? 'failed' : { index: stage?.entry.index ?? 0 };
}

/**
 * Whether any agent has begun the stage: the order to begin may have been lost with the controller, and then all of them
 * begin it together, as if it had not been given.
 */
async function hasBegun(run: ActiveRun, { begun, entry, summaries }: LeftStage): Promise<boolean> {
  if (summaries.some(({ stage }) => stage === entry.index)) return true;
  const members = run.team.active.filter(({ id }) => begun?.participants.includes(id));
  const states = await run.options.stop.race(
    Promise.allSettled(members.map(({ link }) => link.status(run.options.runId, ANSWER_MS))),
  );
  // Nothing is to begin any more; what may have been done is taken.
  if (states === undefined) return true;
  return !states.every(
    (answer) =>
      answer.status === 'fulfilled' &&
      answer.value.stage === entry.index &&
      answer.value.state === 'loaded',
  );
}

/** Goes on in the middle of a stage: agents may be at work on it, at the barrier after it, or away. */
function takeOverStage(run: ActiveRun, left: LeftRun, at: LeftStage): ResumedStage | 'failed' {
  const { begun, entry, summaries } = at;
  const { index } = entry;
  const stage = run.options.workload.stages[index];
  const session = restoreSession(run, left, at);
  if (stage === undefined || session === undefined || begun === undefined) return 'failed';
  run.session = session;
  run.begun = { instantNs: run.instantOf(begun.atMs), conditions: begun.conditions };
  const failuresBefore = entry.team.failures.length;
  const gate = run.team.newGate(barrierRule(stage));
  attachActive(run, left);
  for (const { agentId, bytes, stage: of } of summaries) {
    const member = run.team.members.find(({ id }) => id === agentId);
    if (of !== index || member === undefined) continue;
    member.isIdle = true;
    takeOutcome(run, member, session, summaryFromText(bytes));
  }
  return { stage, index, session, gate, failuresBefore };
}

function attachActive(run: ActiveRun, left: LeftRun): void {
  attachAgents(run, left, run.team.active, (member, reason) => {
    failMember(run, member, reason);
  });
}
