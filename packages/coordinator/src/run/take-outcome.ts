import type { PlainStageSummary } from '@sai3bench/barrier-protocol';
import { type BenchError, fromErrorRecord } from '@sai3bench/errors';
import { stageFailedError } from '../link/agent-errors.ts';
import type { StageSession } from '../stage/stage-session.ts';
import { warningsOf } from '../stage/summary-warnings.ts';
import type { AgentMember } from '../team/agent-member.ts';
import type { ActiveRun } from './active-run.ts';

/** Does what follows from how an agent has ended the stage that runs. */
export function takeOutcome(
  run: ActiveRun,
  member: AgentMember,
  session: StageSession,
  summary: PlainStageSummary,
): void {
  const { options, team } = run;
  const { kind, name, optional } = session.stage;
  switch (summary.outcome) {
    case 'completed':
      for (const warning of warningsOf(summary, options.workload.verify)) {
        options.observer.warning(`${member.id} in stage ${name}: ${warning}`);
      }
      team.arrive(member);
      return;
    case 'stopped':
      // Unless it was told to, the end of the run follows, and is the failure.
      if (member.isToEndStage) team.arrive(member);
      return;
    case 'failed': {
      const { failure } = summary;
      const error = failure === undefined ? stageFailedError(name) : fromErrorRecord(failure);
      // After a failed cleanup, objects that are wrong, or a stage that need not work, the agent still takes part.
      if (kind === 'cleanup' || kind === 'verify' || optional) team.failWork(member, error);
      else failMember(run, member, error);
    }
  }
}

/** Notes that an agent takes no further part. */
export function failMember(run: ActiveRun, member: AgentMember, error: BenchError): void {
  run.session?.agentGone(member.id);
  run.team.fail(member, error);
}
