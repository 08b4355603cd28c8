import type { PlainPoolCondition } from '@sai3bench/barrier-protocol';
import type { Stage } from '@sai3bench/workload-config';
import type { ActiveRun } from '../run/active-run.ts';
import { StageSession } from '../stage/stage-session.ts';
import type { StageStart } from '../stage/stage-start.ts';
import type { AgentMember } from '../team/agent-member.ts';
import { beginLate } from './begin-late.ts';
import { orderToBegin } from './order-to-begin.ts';
import { planStart } from './plan-start.ts';

/** Orders all agents to begin at one instant. */
export function beginStage(
  run: ActiveRun,
  stage: Stage,
  index: number,
  conditions: readonly PlainPoolCondition[],
): StageSession {
  const { nowNs, observer } = run.options;
  const members = run.team.participants;
  const start = planStart(run);
  const { instantNs } = start;
  run.journal.stageBegins(start, members, conditions);
  for (const member of members) {
    if (member.clock.isKnown) orderToBegin(member, index, instantNs, conditions);
  }
  observer.detail(
    `Stage ${stage.name} begins in ${((instantNs - nowNs()) / 1e6).toFixed(0)} ms on all agents (clock error at most ${start.worstErrorMs.toFixed(3)} ms)`,
  );
  const session = openSession(run, stage, index, members, start);
  run.session = session;
  for (const member of members) {
    if (!member.clock.isKnown) void beginLate(run, member, session, conditions);
  }
  return session;
}

/** What takes the reports of a stage. */
export function openSession(
  run: ActiveRun,
  stage: Stage,
  index: number,
  members: readonly AgentMember[],
  start: StageStart,
): StageSession {
  const { metadata, now, nowNs, results, workload } = run.options;
  return new StageSession({
    stage,
    number: index + 1,
    stages: workload.stages.length,
    members,
    results,
    writing: workload,
    verify: workload.verify,
    start,
    elapsedMs: () => (nowNs() - start.instantNs) / 1e6,
    now,
    testName: metadata.test_name,
  });
}
