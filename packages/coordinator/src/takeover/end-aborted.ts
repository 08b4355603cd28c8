import { closeLateStages, closeStage } from '../phases/close-stage.ts';
import { answerTimeoutMs } from '../phases/connect-phase.ts';
import { abortRun } from '../phases/end-phase.ts';
import type { ActiveRun } from '../run/active-run.ts';
import { attachAgents } from './attach-agents.ts';
import type { LeftRun } from './left-run.ts';
import { restoreLateStages } from './restore-late-stages.ts';
import { restoreSession } from './restore-run.ts';

/**
 * Ends a run whose agents its controller had told to stop before it ended itself: takes what they have done. That they
 * have ended is no failure of theirs.
 */
export async function endAborted(run: ActiveRun, left: LeftRun): Promise<void> {
  const { team } = run;
  const { stage } = left;
  if (stage !== undefined) {
    restoreLateStages(run, left, stage);
    run.session = restoreSession(run, left, stage);
  }
  const { session } = run;
  // Also those that have failed may have something left to say, and when the run has ended, those that were lost in it.
  const members = team.members.filter((member) =>
    left.ended === undefined ? !member.isGone : member.isUnconfirmed,
  );
  attachAgents(run, left, members, (member) => {
    session?.agentGone(member.id);
    member.dismiss('abort');
    member.end();
  });
  await abortRun(run, answerTimeoutMs(members.length));
  if (session !== undefined && stage !== undefined) {
    closeStage(run, session, team.failures.slice(stage.entry.team.failures.length));
  }
  closeLateStages(run);
}
