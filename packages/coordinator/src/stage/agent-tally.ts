import type { PlainStageProgress, PlainStageSummary } from '@sai3bench/barrier-protocol';
import {
  addCounts,
  countDelta,
  type DeltaCounts,
  NO_COUNTS,
  type OperationClass,
  OperationStats,
  type StatsDelta,
} from '@sai3bench/stats';

export const CLASSES: readonly OperationClass[] = ['GET', 'PUT', 'META'];

/** Cumulative counts of an agent at some time of a stage. */
export interface Sample {
  readonly elapsedMs: number;
  /** Operations and bytes by class, in the order of CLASSES. */
  readonly operations: readonly number[];
  readonly bytes: readonly number[];
}

/** Samples that are kept of each agent: enough to look back a few seconds, however long the stage lasts. */
const KEPT_SAMPLES = 16;

const NOTHING: Sample = { elapsedMs: 0, operations: [0, 0, 0], bytes: [0, 0, 0] };

/**
 * What one agent has done in a stage so far. Histograms are kept as they were sent, which takes a twentieth of the memory of
 * those that can be added to: of a thousand agents that makes a difference.
 */
export class AgentTally {
  /** The sum of the intervals that were reported, but for the latest ones. */
  #merged: StatsDelta | undefined;
  /** The latest intervals, which no row has been written of. */
  #unmerged: StatsDelta[] = [];
  #counts = NO_COUNTS;
  readonly #samples: Sample[] = [NOTHING];
  #elapsedMs = 0;
  #tasksDone = 0;
  #tasksTotal = 0;
  #directoriesDone = 0;
  #directoriesTotal = 0;
  #putOff = 0;
  #inFlight = 0;
  #windowSample: Sample | undefined;
  #summary: PlainStageSummary | undefined;
  /** Whether it has reported something to somebody else of which only counts are known. */
  #hasGap = false;

  addProgress(progress: PlainStageProgress): void {
    this.#unmerged.push(progress.stats);
    // A final report that came before it counts it already: only rows are to be made of it.
    if (this.#summary === undefined) this.#take(progress);
  }

  /** Takes what was reported to somebody else, and written in rows. */
  restoreProgress(progress: PlainStageProgress): void {
    this.#hasGap = false;
    this.#counts = NO_COUNTS;
    this.#samples.splice(0, Infinity, NOTHING);
    this.#windowSample = undefined;
    this.#merged = progress.stats;
    this.#take(progress);
  }

  #take(progress: PlainStageProgress): void {
    this.#counts = addCounts(this.#counts, countDelta(progress.stats));
    this.#elapsedMs = progress.elapsedMs;
    this.#tasksDone = progress.tasksDone;
    this.#tasksTotal = progress.tasksTotal;
    this.#directoriesDone = progress.directoriesDone;
    this.#directoriesTotal = progress.directoriesTotal;
    this.#putOff = progress.putOff;
    this.#inFlight = progress.inFlight;
    this.#samples.push(sampleOf(progress.elapsedMs, this.#counts));
    if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
  }

  /** Takes what is known of that while it has not told it itself. */
  restoreCounts(counts: DeltaCounts, elapsedMs: number): void {
    this.#hasGap = true;
    this.#counts = counts;
    this.#elapsedMs = elapsedMs;
    this.#samples.push(sampleOf(elapsedMs, counts));
  }

  /** Counts what it has done in all, as far as it was reported to somebody else. */
  restore(stats: StatsDelta): void {
    this.#merged = stats;
    this.#counts = addCounts(this.#counts, countDelta(stats));
  }

  /**
   * Tells what it has reported since this was last called.
   *
   * @param interval to which it is added; empty
   * @param scratch memory for something in between
   */
  takeInterval(interval: OperationStats, scratch: OperationStats): void {
    for (const delta of this.#unmerged) interval.add(delta);
    // Its final report says it all.
    if (this.#summary !== undefined) this.#merged = undefined;
    else {
      scratch.reset();
      if (this.#merged !== undefined) scratch.add(this.#merged);
      scratch.addStats(interval);
      this.#merged = scratch.toDelta();
    }
    this.#unmerged = [];
  }

  /** Keeps the counts at the end of the common window, as soon as a report from after it has arrived. */
  keepWindow(windowMs: number): void {
    const newest = this.#samples.at(-1) ?? NOTHING;
    if (newest.elapsedMs < windowMs || this.#windowSample?.elapsedMs === windowMs) return;
    this.#windowSample = this.#interpolate(windowMs);
  }

  /** Counts at the end of the common window, or as near to it as is known. */
  windowSample(windowMs: number): Sample {
    this.keepWindow(windowMs);
    return this.#windowSample ?? this.#interpolate(windowMs);
  }

  /** @returns whether the summary equals the sum of the intervals */
  addSummary(summary: PlainStageSummary): boolean {
    this.#summary = summary;
    this.#hasGap = false;
    this.#tasksDone = summary.tasksDone;
    this.#tasksTotal = summary.tasksTotal;
    this.#putOff = 0;
    this.#inFlight = 0;
    const counts = countDelta(summary.stats);
    const isConsistent = sameCounts(counts, this.#counts);
    this.#counts = counts;
    this.#addFinalSample(summary.lastEndMs, counts);
    return isConsistent;
  }

  get summary(): PlainStageSummary | undefined {
    return this.#summary;
  }

  /** Whether {@link stats} are less than {@link counts}: what it has reported to somebody else is missing. */
  get hasGap(): boolean {
    return this.#hasGap;
  }

  /** The summary's numbers; those of the intervals while there is none. */
  get stats(): OperationStats {
    const sum = new OperationStats();
    this.addTo(sum);
    return sum;
  }

  /** Adds the same numbers to others. */
  addTo(sum: OperationStats): void {
    for (const delta of this.#deltas()) sum.add(delta);
  }

  #deltas(): StatsDelta[] {
    if (this.#summary !== undefined) return [this.#summary.stats];
    return this.#merged === undefined ? this.#unmerged : [this.#merged, ...this.#unmerged];
  }

  /** The same without what is in histograms; costs nothing. */
  get counts(): DeltaCounts {
    return this.#counts;
  }

  /** From the planned start to the end of the last operation, as far as it is known. */
  get wallMs(): number {
    return this.#summary?.lastEndMs ?? this.#elapsedMs;
  }

  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  get tasksDone(): number {
    return this.#tasksDone;
  }

  get tasksTotal(): number {
    return this.#tasksTotal;
  }

  get directoriesDone(): number {
    return this.#directoriesDone;
  }

  get directoriesTotal(): number {
    return this.#directoriesTotal;
  }

  get putOff(): number {
    return this.#putOff;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Notes that all was done by the end of the last operation, which is before the report that says so. */
  #addFinalSample(endMs: number, counts: DeltaCounts): void {
    const later = this.#samples.findIndex(({ elapsedMs }) => elapsedMs >= endMs);
    this.#samples.splice(later === -1 ? this.#samples.length : later, 0, sampleOf(endMs, counts));
    const window = this.#windowSample;
    const oldest = this.#samples[0] ?? NOTHING;
    if (window === undefined || window.elapsedMs < oldest.elapsedMs) return;
    this.#windowSample = this.#interpolate(window.elapsedMs);
  }

  /** Counts at a time, interpolated between the reports before and after it. */
  #interpolate(elapsedMs: number): Sample {
    const after = this.#samples.find((sample) => sample.elapsedMs >= elapsedMs);
    const before = this.#samples.findLast((sample) => sample.elapsedMs <= elapsedMs) ?? NOTHING;
    if (after === undefined || after.elapsedMs === before.elapsedMs) return before;
    const share = (elapsedMs - before.elapsedMs) / (after.elapsedMs - before.elapsedMs);
    const between = (from: readonly number[], to: readonly number[]): number[] =>
      from.map((value, index) => value + ((to[index] ?? 0) - value) * share);
    return {
      elapsedMs,
      operations: between(before.operations, after.operations),
      bytes: between(before.bytes, after.bytes),
    };
  }
}

function sampleOf(elapsedMs: number, { classes }: DeltaCounts): Sample {
  return {
    elapsedMs,
    operations: CLASSES.map((kind) => classes[kind].operations),
    bytes: CLASSES.map((kind) => classes[kind].bytes),
  };
}

function sameCounts(a: DeltaCounts, b: DeltaCounts): boolean {
  return (
    a.errors === b.errors &&
    a.cancelled === b.cancelled &&
    CLASSES.every(
      (kind) =>
        a.classes[kind].operations === b.classes[kind].operations &&
        a.classes[kind].bytes === b.classes[kind].bytes,
    )
  );
}
