import type { PlainStageProgress, PlainStageSummary } from '@sai3bench/barrier-protocol';
import type { CommonWindow } from '@sai3bench/results-dir';
import { type OperationClass, OperationStats } from '@sai3bench/stats';

const CLASSES: readonly OperationClass[] = ['GET', 'PUT', 'META'];

/** Cumulative counts of an agent at some time of a stage. */
interface Sample {
  readonly elapsedMs: number;
  /** Operations and bytes by class, in the order of CLASSES. */
  readonly operations: readonly number[];
  readonly bytes: readonly number[];
}

/** Samples that are kept of each agent: enough to look back a few seconds, however long the stage lasts. */
const KEPT_SAMPLES = 16;

const NOTHING: Sample = { elapsedMs: 0, operations: [0, 0, 0], bytes: [0, 0, 0] };

/** What one agent has done in a stage so far. */
export class AgentTally {
  /** The sum of the intervals that were reported. */
  readonly sum = new OperationStats();
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
  #final: OperationStats | undefined;

  addProgress(progress: PlainStageProgress): OperationStats {
    const interval = new OperationStats();
    interval.add(progress.stats);
    this.sum.add(progress.stats);
    this.#elapsedMs = progress.elapsedMs;
    this.#tasksDone = progress.tasksDone;
    this.#tasksTotal = progress.tasksTotal;
    this.#directoriesDone = progress.directoriesDone;
    this.#directoriesTotal = progress.directoriesTotal;
    this.#putOff = progress.putOff;
    this.#inFlight = progress.inFlight;
    this.#samples.push(sampleOf(progress.elapsedMs, this.sum));
    if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
    return interval;
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
    this.#tasksDone = summary.tasksDone;
    this.#tasksTotal = summary.tasksTotal;
    this.#putOff = 0;
    this.#inFlight = 0;
    this.#final = new OperationStats();
    this.#final.add(summary.stats);
    this.#addFinalSample(summary.lastEndMs, this.#final);
    return sameCounts(this.#final, this.sum);
  }

  get summary(): PlainStageSummary | undefined {
    return this.#summary;
  }

  /** The summary's numbers; those of the intervals while there is none. */
  get stats(): OperationStats {
    return this.#final ?? this.sum;
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
  #addFinalSample(endMs: number, stats: OperationStats): void {
    const later = this.#samples.findIndex(({ elapsedMs }) => elapsedMs >= endMs);
    this.#samples.splice(later === -1 ? this.#samples.length : later, 0, sampleOf(endMs, stats));
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

/** What all agents have done in a stage. */
export class StageTally {
  readonly #agents: ReadonlyMap<string, AgentTally>;
  /** The sum of all reports: what is shown while the stage runs. */
  readonly live = new OperationStats();
  /** End of the first agent to finish, as far as it is known. */
  #windowMs = Infinity;

  constructor(agentIds: readonly string[]) {
    this.#agents = new Map(agentIds.map((id) => [id, new AgentTally()]));
  }

  get agents(): ReadonlyMap<string, AgentTally> {
    return this.#agents;
  }

  of(agentId: string): AgentTally {
    const tally = this.#agents.get(agentId);
    if (tally === undefined) throw new RangeError(`there is no agent ${agentId}`);
    return tally;
  }

  /** Takes a report; returns what it contains, as statistics. */
  addProgress(agentId: string, progress: PlainStageProgress): OperationStats {
    const tally = this.of(agentId);
    const interval = tally.addProgress(progress);
    this.live.addStats(interval);
    if (progress.elapsedMs >= this.#windowMs) tally.keepWindow(this.#windowMs);
    return interval;
  }

  /** Counts what an agent has done in all, as far as it was reported to somebody else. */
  restore(agentId: string, stats: PlainStageSummary['stats']): void {
    const sum = this.of(agentId).sum;
    sum.add(stats);
    this.live.addStats(sum);
  }

  /** Takes the final report of an agent; returns whether it equals the sum of its intervals. */
  addSummary(agentId: string, summary: PlainStageSummary): boolean {
    const consistent = this.of(agentId).addSummary(summary);
    if (summary.lastEndMs < this.#windowMs) {
      this.#windowMs = summary.lastEndMs;
      for (const tally of this.#agents.values()) tally.keepWindow(this.#windowMs);
    }
    return consistent;
  }

  /** Everything together. */
  total(): OperationStats {
    const total = new OperationStats();
    for (const { stats } of this.#agents.values()) total.addStats(stats);
    return total;
  }

  get wallMs(): number {
    return Math.max(0, ...[...this.#agents.values()].map(({ wallMs }) => wallMs));
  }

  /**
   * Rates while all agents were at work: from the start to the end of the first agent to finish. Counts at that
   * instant are interpolated between the reports of each agent, which are a second apart.
   */
  commonWindow(): CommonWindow | undefined {
    const tallies = [...this.#agents.values()];
    const windowMs = Math.min(...tallies.map(({ wallMs }) => wallMs));
    if (!Number.isFinite(windowMs) || windowMs <= 0) return undefined;
    const samples = tallies.map((tally) => tally.windowSample(windowMs));
    const perSecond = (pick: (sample: Sample) => number): number =>
      samples.reduce((sum, sample) => sum + pick(sample), 0) / (windowMs / 1000);
    return {
      windowMs,
      rates: CLASSES.map((operationClass, index) => ({
        operationClass,
        opsPerSecond: perSecond(({ operations }) => operations[index] ?? 0),
        bytesPerSecond: perSecond(({ bytes }) => bytes[index] ?? 0),
      })),
    };
  }
}

function sampleOf(elapsedMs: number, stats: OperationStats): Sample {
  const classes = CLASSES.map((kind) => stats.countsOfClass(kind));
  return {
    elapsedMs,
    operations: classes.map(({ operations }) => operations),
    bytes: classes.map(({ bytes }) => bytes),
  };
}

function sameCounts(a: OperationStats, b: OperationStats): boolean {
  return (
    a.operationCount() === b.operationCount() &&
    a.errors() === b.errors() &&
    a.cancelled() === b.cancelled() &&
    CLASSES.every((kind) => a.countsOfClass(kind).bytes === b.countsOfClass(kind).bytes)
  );
}
