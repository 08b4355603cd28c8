import { conditionToWire, type PlainPoolCondition } from '@sai3bench/barrier-protocol';
import type { Stage } from '@sai3bench/workload-config';
import type { ActiveRun } from './active-run.ts';
import { StageSession } from './stage-session.ts';
import { planStart } from './stage-start.ts';

/** Orders all agents to begin at one instant. */
export function beginStage(
  run: ActiveRun,
  stage: Stage,
  index: number,
  conditions: readonly PlainPoolCondition[],
): StageSession {
  const { metadata, now, nowNs, observer, results, workload } = run.options;
  const members = run.team.participants;
  const pools = conditions.map(conditionToWire);
  const start = planStart(run);
  const { instantNs } = start;
  for (const member of members) member.isIdle = false;
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
