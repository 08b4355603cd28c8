import type { ActiveRun } from '../run/active-run.ts';
import { endStage, runStage, type StageUnderWay } from './stage-phase.ts';
import { measures, type StagesOutcome } from './stages-outcome.ts';
import { isTimeout } from './watch-stage.ts';

/** A stage at which a run that was taken over goes on: the agents are at work on it, or it comes next. */
export type ResumedStage = StageUnderWay | { readonly index: number };

/** Runs one stage after the other, from the first or from where the run was taken over. */
export async function runStages(
  run: ActiveRun,
  resumed: ResumedStage = { index: 0 },
): Promise<StagesOutcome> {
  const { stages } = run.options.workload;
  let measured = stages.slice(0, resumed.index).some(measures);
  for (const [index, stage] of stages.entries()) {
    if (index < resumed.index) continue;
    const isUnderWay = index === resumed.index && 'session' in resumed;
    const goesOn = isUnderWay ? endStage(run, resumed) : runStage(run, stage, index);
    if (!(await goesOn)) {
      const { active, unforgivenFailures } = run.team;
      const areWell = active.length > 0 || unforgivenFailures.every(isTimeout);
      const onlyCleanup = stage.kind === 'cleanup' && measured && areWell;
      return onlyCleanup && !run.team.failedHere ? 'cleanup-failed' : 'failed';
    }
    measured ||= measures(stage);
  }
  return 'completed';
}
