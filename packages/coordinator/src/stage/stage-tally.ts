import type { PlainStageProgress, PlainStageSummary } from '@sai3bench/barrier-protocol';
import type { CommonWindow } from '@sai3bench/results-dir';
import {
  addCounts,
  type DeltaCounts,
  NO_COUNTS,
  type Operation,
  OperationStats,
  type StatsDelta,
} from '@sai3bench/stats';
import { AgentTally, CLASSES, type Sample } from './agent-tally.ts';

/** What all agents have done in a stage. */
export class StageTally {
  readonly #agents: ReadonlyMap<string, AgentTally>;
  readonly #operations = new Set<Operation>();
  readonly #ofOneAgent = new OperationStats();
  readonly #scratch = new OperationStats();
  /** The final report that was taken last, and whose it is. */
  readonly #latestFinal = new OperationStats();
  #latestFinalOf: string | undefined;
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

  /** Operations of which any was successful. */
  get operations(): ReadonlySet<Operation> {
    return this.#operations;
  }

  /** Takes a report whose histograms are well-formed. */
  addProgress(agentId: string, progress: PlainStageProgress): void {
    const tally = this.of(agentId);
    this.#noteOperations(progress.stats);
    tally.addProgress(progress);
    if (progress.elapsedMs >= this.#windowMs) tally.keepWindow(this.#windowMs);
  }

  /** Takes what an agent has reported to somebody else, as one report, which was written in rows. */
  restoreProgress(agentId: string, progress: PlainStageProgress): void {
    this.#noteOperations(progress.stats);
    this.of(agentId).restoreProgress(progress);
  }

  /** Takes what is known of that while the agent has not told it itself. */
  restoreCounts(agentId: string, counts: DeltaCounts, elapsedMs: number): void {
    this.of(agentId).restoreCounts(counts, elapsedMs);
  }

  /** Counts what an agent has done in all, as far as it was reported to somebody else. */
  restore(agentId: string, stats: PlainStageSummary['stats']): void {
    this.#noteOperations(stats);
    this.of(agentId).restore(stats);
  }

  /** Takes the final report of an agent; returns whether it equals the sum of its intervals. */
  addSummary(agentId: string, summary: PlainStageSummary): boolean {
    // A report that is not well-formed is not to be found out only when results are written.
    this.#latestFinalOf = undefined;
    this.#latestFinal.reset();
    this.#latestFinal.add(summary.stats);
    this.#latestFinalOf = agentId;
    this.#noteOperations(summary.stats);
    const consistent = this.of(agentId).addSummary(summary);
    if (summary.lastEndMs < this.#windowMs) {
      this.#windowMs = summary.lastEndMs;
      for (const tally of this.#agents.values()) tally.keepWindow(this.#windowMs);
    }
    return consistent;
  }

  /**
   * What an agent has reported since this was last called for it. Holds until something else is asked for about any
   * agent: what each of a thousand agents needed for it anew would be most of the work.
   */
  takeInterval(agentId: string): OperationStats {
    this.#ofOneAgent.reset();
    this.of(agentId).takeInterval(this.#ofOneAgent, this.#scratch);
    return this.#ofOneAgent;
  }

  /** What an agent has done in all, as far as it is known; holds as long as {@link takeInterval}'s. */
  statsOf(agentId: string): OperationStats {
    // The results of an agent are written as soon as its final report is there.
    if (agentId === this.#latestFinalOf) return this.#latestFinal;
    this.#ofOneAgent.reset();
    this.of(agentId).addTo(this.#ofOneAgent);
    return this.#ofOneAgent;
  }

  /** The final reports that have arrived, by agent. */
  summaries(): [string, PlainStageSummary][] {
    return [...this.#agents].flatMap(([id, { summary }]) =>
      summary === undefined ? [] : [[id, summary] as [string, PlainStageSummary]],
    );
  }

  /** Ids of agents of which more is counted than {@link statsOf} holds. */
  get gaps(): string[] {
    return [...this.#agents].filter(([, { hasGap }]) => hasGap).map(([id]) => id);
  }

  /** Everything together, unless there are {@link gaps}. */
  total(): OperationStats {
    const total = new OperationStats();
    for (const tally of this.#agents.values()) tally.addTo(total);
    return total;
  }

  /** The same without what is in histograms. */
  counts(): DeltaCounts {
    return [...this.#agents.values()].reduce(
      (sum, { counts }) => addCounts(sum, counts),
      NO_COUNTS,
    );
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

  #noteOperations({ slots }: StatsDelta): void {
    for (const slot of slots) if (slot.operations > 0) this.#operations.add(slot.operation);
  }
}
