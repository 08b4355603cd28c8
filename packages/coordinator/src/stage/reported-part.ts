import type { PlainStageProgress } from '@sai3bench/barrier-protocol';
import { OperationStats } from '@sai3bench/stats';
import { mean, type RowSpan } from './perf-row.ts';
import { statsFromText, statsToText } from './report-text.ts';

/** What reports hold of a row. */
type Report = Pick<PlainStageProgress, 'cpu' | 'stats'>;

/** What was reported for a row, as it goes into a file. */
export interface ReportedPartState {
  /** Statistics, in base64. */
  readonly bytes: string;
  readonly cpus: readonly PlainStageProgress['cpu'][];
  /** How much time of each agent it is about, by id. */
  readonly coveredMs: Readonly<Record<string, number>>;
}

/** What agents have reported for a row that is not written yet. */
export class ReportedPart {
  /** As text while nothing is added for long: histograms that can be added to take a hundred times the memory. */
  #stats: OperationStats | string = new OperationStats();
  readonly #cpus: PlainStageProgress['cpu'][] = [];
  readonly #coveredMs = new Map<string, number>();

  /** @throws BenchError `STATS_MALFORMED` when one of its histograms is not well-formed; then nothing of it was taken */
  add(agentId: string, { cpu, stats }: Report, coveredMs: number): void {
    this.#unpack().add(stats);
    this.#cpus.push(cpu);
    this.#coveredMs.set(agentId, (this.#coveredMs.get(agentId) ?? 0) + coveredMs);
  }

  has(agentId: string): boolean {
    return this.#coveredMs.has(agentId);
  }

  get isEmpty(): boolean {
    return this.#coveredMs.size === 0;
  }

  /** How long those that have reported took for it, in the mean. */
  get meanMs(): number {
    return mean([...this.#coveredMs.values()]);
  }

  /** How long that one took for it that took longest. */
  get longestMs(): number {
    return Math.max(0, ...this.#coveredMs.values());
  }

  /** What a row says of it. */
  get content(): Pick<RowSpan, 'stats' | 'cpus' | 'agentsReporting'> {
    return { stats: this.#unpack(), cpus: this.#cpus, agentsReporting: this.#coveredMs.size };
  }

  /** Takes less memory from now on, until something is added. */
  pack(): void {
    if (typeof this.#stats !== 'string') this.#stats = statsToText(this.#stats.toDelta());
  }

  /** What is needed to go on from here. */
  state(): ReportedPartState {
    const stats = this.#stats;
    return {
      bytes: typeof stats === 'string' ? stats : statsToText(stats.toDelta()),
      cpus: this.#cpus,
      coveredMs: Object.fromEntries(this.#coveredMs),
    };
  }

  /** Goes on from where another has ended. */
  restore({ bytes, coveredMs, cpus }: ReportedPartState): void {
    this.#stats = bytes;
    this.#cpus.push(...cpus);
    for (const [agentId, ms] of Object.entries(coveredMs)) this.#coveredMs.set(agentId, ms);
  }

  #unpack(): OperationStats {
    if (typeof this.#stats === 'string') {
      const stats = new OperationStats();
      stats.add(statsFromText(this.#stats));
      this.#stats = stats;
    }
    return this.#stats;
  }
}
