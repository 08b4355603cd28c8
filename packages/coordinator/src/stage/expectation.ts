import type { PlainStageSummary } from '@sai3bench/barrier-protocol';
import { formatCount } from '@sai3bench/units';
import type { Stage } from '@sai3bench/workload-config';

type Expectation = Pick<Stage, 'kind' | 'expectedTasks'>;

/** What an agent has reported of its tasks. */
export interface ReportedTasks {
  /** Whether it has reported at all. */
  readonly isKnown: boolean;
  readonly tasksTotal: number;
}

/** How much there is to do on all agents: what they say, or what the file expects as long as not all have said it. */
export function tasksTotalOf(
  { expectedTasks }: Expectation,
  agents: readonly ReportedTasks[],
): number {
  const reported = agents.reduce((sum, { tasksTotal }) => sum + tasksTotal, 0);
  if (expectedTasks === undefined || agents.every(({ isKnown }) => isKnown)) return reported;
  return Math.max(reported, expectedTasks);
}

/**
 * That a stage of which all agents have reported the end was about another number of tasks than the file expects.
 *
 * @returns undefined where it was not, or where the file expects nothing
 */
export function expectationWarning(
  { expectedTasks, kind }: Expectation,
  summaries: readonly Pick<PlainStageSummary, 'tasksDone' | 'tasksTotal' | 'tasksExisted'>[],
): string | undefined {
  if (expectedTasks === undefined) return undefined;
  const key = kind === 'hybrid' ? 'expected_tasks' : 'expected_objects';
  const real = summaries.reduce(
    (sum, { tasksDone, tasksExisted, tasksTotal }) =>
      sum + (kind === 'hybrid' ? tasksDone : tasksTotal + tasksExisted),
    0,
  );
  if (real === expectedTasks) return undefined;
  return kind === 'hybrid'
    ? `${formatCount(real)} operations were done when its time was over or nothing was left to work on; ${key} is ${formatCount(expectedTasks)}`
    : `there were ${formatCount(real)} objects; ${key} is ${formatCount(expectedTasks)}`;
}
