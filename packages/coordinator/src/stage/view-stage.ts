import type { Stage } from '@sai3bench/workload-config';
import type { StageView } from '../run/run-observer.ts';
import type { AgentMember } from '../team/agent-member.ts';
import type { AgentTally } from './agent-tally.ts';
import type { EndpointView } from './endpoint-tally.ts';
import { tasksTotalOf } from './expectation.ts';
import { silentAgents } from './silent-agents.ts';
import type { LatestRow } from './stage-rows.ts';
import type { StageTally } from './stage-tally.ts';

/** What is known of a stage that is under way. */
export interface ViewedStage {
  readonly stage: Stage;
  /** Position among the stages, from 1, and their number. */
  readonly number: number;
  readonly stages: number;
  readonly members: readonly Pick<AgentMember, 'plan'>[];
  /** Time since the common start; negative before it. */
  readonly elapsedMs: number;
  readonly tally: StageTally;
  readonly latest: LatestRow;
  readonly endpoints: readonly EndpointView[];
  /** Ids of agents that may still report. */
  readonly working: ReadonlySet<string>;
}

/** How a stage is going. */
export function viewStage({
  elapsedMs,
  endpoints,
  latest,
  members,
  number,
  stage,
  stages,
  tally,
  working,
}: ViewedStage): StageView {
  const tallies = [...tally.agents.values()];
  const sum = (pick: (tally: AgentTally) => number): number =>
    tallies.reduce((total, each) => total + pick(each), 0);
  const agentsDone = tallies.filter(({ summary }) => summary !== undefined).length;
  // Where nobody is left to report the time goes on, but not the stage.
  const isCutOff = working.size === 0 && agentsDone < tallies.length;
  const lastReportMs = Math.max(0, ...tallies.map(({ wallMs }) => wallMs));
  return {
    number,
    stages,
    stage,
    elapsedMs: Math.max(0, isCutOff ? Math.min(elapsedMs, lastReportMs) : elapsedMs),
    tasksDone: sum(({ tasksDone }) => tasksDone),
    tasksTotal: tasksTotalOf(
      stage,
      tallies.map((each) => ({
        isKnown: each.elapsedMs > 0 || each.summary !== undefined,
        tasksTotal: each.tasksTotal,
      })),
    ),
    directoriesDone: sum(({ directoriesDone }) => directoriesDone),
    directoriesTotal: sum(({ directoriesTotal }) => directoriesTotal),
    putOff: sum(({ putOff }) => putOff),
    errors: sum(({ counts }) => counts.errors),
    operations: tally.operations,
    latest: latest.stats,
    latestMs: latest.intervalMs,
    endpoints,
    agents: members.length,
    agentsDone,
    silent: silentAgents(working, tally.agents, elapsedMs),
    threads: members.reduce((total, { plan }) => total + plan.concurrency, 0),
  };
}
