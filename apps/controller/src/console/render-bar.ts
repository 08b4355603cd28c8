import type { StageView } from '@sai3bench/coordinator';
import { type Pace, progressBar } from '@sai3bench/terminal';
import {
  formatCount,
  formatDecimal,
  formatDurationMs,
  formatEstimateMs,
  formatPercent,
} from '@sai3bench/units';
import { plural } from './render-plan.ts';
import { type StageWork, workOf } from './stage-work.ts';

const BAR_WIDTH = 40;

/** How far a stage is: a share of 1, and in words. */
interface Progress {
  readonly share: number;
  readonly text: string;
}

/**
 * `████ 63888/64000 objects (99%), 56 objects/s, about 2s left, 1 of 2 agents done (16 threads)`
 *
 * @param pace of the work; leave it out when the stage has ended
 */
export function renderBar(view: StageView, pace?: Pace): string {
  const { agents, agentsDone, threads } = view;
  const { share, text } = progressOf(view, pace);
  const carriers = `${formatCount(agentsDone)} of ${plural(agents, 'agent')} done`;
  const how =
    view.stage.kind === 'custom' ? carriers : `${carriers} (${plural(threads, 'thread')})`;
  return `${progressBar(share, BAR_WIDTH)} ${text} ${how}`;
}

function progressOf(view: StageView, pace: Pace | undefined): Progress {
  const { durationMs = 0, kind } = view.stage;
  if (kind === 'custom') return waitOf(view);
  if (durationMs === 0) return tasksOf(view, pace);
  const time = timeOf(view, durationMs);
  if (kind !== 'hybrid' || view.tasksTotal === 0) return time;
  const tasks = tasksOf(view, undefined);
  return { share: Math.max(time.share, tasks.share), text: `${time.text}, ${tasks.text}` };
}

function timeOf({ elapsedMs }: StageView, durationMs: number): Progress {
  const doneMs = Math.min(elapsedMs, durationMs);
  const text = `${formatDurationMs(doneMs)}/${formatDurationMs(durationMs)}`;
  return { share: doneMs / durationMs, text };
}

/** Of a program nobody knows how much it has to do, but perhaps how long it may take. */
function waitOf({ agents, agentsDone, elapsedMs, stage: { timeoutMs } }: StageView): Progress {
  const limit = timeoutMs === undefined ? '' : ` of at most ${formatDurationMs(timeoutMs)}`;
  const isOver = agentsDone === agents;
  const share = timeoutMs === undefined ? 0 : Math.min(1, elapsedMs / timeoutMs);
  return { share: isOver ? 1 : share, text: `${formatDurationMs(elapsedMs)}${limit}` };
}

function tasksOf(view: StageView, pace: Pace | undefined): Progress {
  const work = workOf(view);
  const { done, total, what } = work;
  const finished = view.agentsDone === view.agents;
  // Until the first report nobody has said how much there is to do.
  const isKnown = total > 0 || finished;
  const share = total === 0 ? Number(finished) : done / total;
  const text = isKnown
    ? `${String(done)}/${String(total)} ${what} (${formatPercent(done, total)})`
    : 'starting';
  return { share, text: finished || pace === undefined ? text : text + renderPace(pace, work) };
}

function renderPace(pace: Pace, { total, what }: StageWork): string {
  const leftMs = pace.leftMs(total);
  if (leftMs === undefined) return '';
  return `, ${formatDecimal(pace.perSecond, 0)} ${what}/s, about ${formatEstimateMs(leftMs)} left,`;
}
