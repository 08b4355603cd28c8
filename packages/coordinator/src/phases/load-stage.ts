import type { Stage } from '@sai3bench/workload-config';
import { barrierRule } from '../barrier/barrier-rule.ts';
import { waitAtGate } from '../barrier/wait-at-gate.ts';
import { notLoadedError } from '../link/agent-errors.ts';
import type { ActiveRun } from '../run/active-run.ts';
import { StageLoading } from '../stage/stage-loading.ts';
import type { AgentMember } from '../team/agent-member.ts';
import { unfinishedDatasets } from './exchange-phase.ts';
import { goOnWithout } from './go-on-without.ts';

/** What takes less time than this needs no words. */
const SHORTEST_WAIT_MS = 500;

/** Lets the agents do what the stage needs before its clock starts; undefined when they cannot. */
export async function loadStage(
  run: ActiveRun,
  stage: Stage,
  index: number,
): Promise<StageLoading | undefined> {
  const { observer, startOver, workload } = run.options;
  const { members, participants } = run.team;
  const gate = run.team.newGate(barrierRule(stage), 'participants');
  const loading = new StageLoading(() => run.nowMs());
  run.loading = loading;
  const goOnWith = startOver || run.prepared ? [] : unfinishedDatasets(members);
  for (const member of participants) {
    member.isIdle = false;
    member.isToEndStage = false;
    // Another controller has told it, and it is at it.
    if (isLoading(member, index)) continue;
    const value = {
      $typeName: 'sai3bench.agent.v1.LoadStage',
      ...{ stage: index, startOver: startOver || member.plan.prepare.forceOverwrite, goOnWith },
    } as const;
    member.link.send({ case: 'loadStage', value });
  }
  const beganAtMs = run.nowMs();
  const timeoutMs = workload.agentReadyTimeoutMs;
  const result = await waitAtGate(run, gate, {
    timeoutMs,
    movedAtMs: () => loading.movedAtMs,
    report: (arrived, msLeft) => {
      if (run.nowMs() - beganAtMs < SHORTEST_WAIT_MS) return;
      observer.waitingForStage({
        ...{ stage: stage.name, loaded: arrived, agents: participants.length, msLeft },
        elapsedMs: run.nowMs() - beganAtMs,
        progress: loading.total,
      });
    },
    lateError: (id) => notLoadedError(id, stage.name, timeoutMs),
  });
  run.loading = undefined;
  if (result.type === 'broken') return undefined;
  goOnWithout(run, result.without, { lacking: index, stage: index });
  if (stage.kind === 'prepare') {
    run.prepared = true;
    observer.objectsFound(loading.found);
  }
  return loading;
}

function isLoading({ stateAtTakeover }: AgentMember, index: number): boolean {
  return stateAtTakeover?.state === 'loading' && stateAtTakeover.stage === index;
}
