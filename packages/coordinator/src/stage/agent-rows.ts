import type { PlainStageProgress } from '@sai3bench/barrier-protocol';
import { MANY_AGENTS, type PerfRow } from '@sai3bench/results-dir';
import type { OperationStats } from '@sai3bench/stats';
import { rowOf, type RowStage } from './perf-row.ts';

/** How often each of {@link MANY_AGENTS | many agents} has a row of its own. */
const MANY_AGENTS_ROW_SECONDS = 10;

/** Where the rows of agents go. */
export interface AgentSink {
  readonly agentRow: (agentId: string, row: PerfRow) => void;
  /** What an agent reported since its last row, as statistics; may hold only until the next call. */
  readonly takeInterval: (agentId: string) => OperationStats;
}

/** What an agent reported since its last row. */
interface AgentSpan {
  /** The second that the row ends with. */
  readonly due: number;
  intervalMs: number;
  elapsedMs: number;
  cpus: PlainStageProgress['cpu'][];
}

/** Makes the rows of each agent in a stage: one a second as its report arrives, of many agents one every ten seconds. */
export class AgentRows {
  readonly #stage: RowStage;
  readonly #sink: AgentSink;
  readonly #spans = new Map<string, AgentSpan>();
  /** How many seconds before a multiple of {@link #seconds} the rows of each agent end. */
  readonly #leads = new Map<string, number>();
  /** How many of them a row is about. */
  readonly #seconds: number;

  constructor(stage: RowStage, agents: number, sink: AgentSink) {
    this.#stage = stage;
    this.#sink = sink;
    this.#seconds = agents > MANY_AGENTS ? MANY_AGENTS_ROW_SECONDS : 1;
  }

  /** Adds a report to what an agent's next row is about, and writes it when it is time. */
  add(
    agentId: string,
    { cpu, interval }: Pick<PlainStageProgress, 'cpu' | 'interval'>,
    intervalMs: number,
    elapsedMs: number,
  ): void {
    const before = this.#spans.get(agentId);
    const span = before ?? {
      due: this.#rowEndOf(agentId, interval),
      intervalMs: 0,
      elapsedMs: 0,
      cpus: [],
    };
    span.intervalMs += intervalMs;
    span.elapsedMs = elapsedMs;
    span.cpus.push(cpu);
    this.#spans.set(agentId, span);
    if (interval >= span.due) this.write(agentId);
  }

  /** Writes what an agent has reported since its last row. */
  write(agentId: string): void {
    const span = this.#spans.get(agentId);
    if (span === undefined) return;
    this.#spans.delete(agentId);
    const stats = this.#sink.takeInterval(agentId);
    const row = rowOf(this.#stage, agentId, { ...span, stats, agentsReporting: 1 });
    this.#sink.agentRow(agentId, row);
  }

  /** The same of all agents. */
  writeAll(): void {
    for (const agentId of [...this.#spans.keys()]) this.write(agentId);
  }

  /**
   * With which second the row of an agent ends that a second belongs to. Agents differ in that, so that their rows do not
   * all come at once.
   */
  #rowEndOf(agentId: string, interval: number): number {
    const lead = this.#leads.get(agentId) ?? this.#leads.size % this.#seconds;
    this.#leads.set(agentId, lead);
    return Math.ceil((interval + lead) / this.#seconds) * this.#seconds - lead;
  }
}
