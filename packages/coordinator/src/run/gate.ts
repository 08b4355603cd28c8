import { decideBarrier, type MemberStatus } from '@sai3bench/barrier-protocol';
import type { BenchError } from '@sai3bench/errors';

/** How waiting at a gate ended. */
export type GateResult =
  | { readonly type: 'open' }
  | { readonly type: 'broken'; readonly failures: ReadonlyMap<string, BenchError> };

/**
 * A barrier that the coordinator waits at: it opens when every agent has arrived, and breaks when one can arrive no
 * more. Decisions are those of `decideBarrier`.
 */
export class Gate {
  readonly #members: Map<string, MemberStatus>;
  readonly #failures = new Map<string, BenchError>();
  readonly #patient: boolean;
  #resolve: (result: GateResult) => void = () => undefined;
  readonly result: Promise<GateResult>;

  /** @param patient whether to wait for the others when one has failed, instead of breaking at once */
  constructor(agentIds: readonly string[], patient = false) {
    this.#members = new Map(agentIds.map((id) => [id, 'working']));
    this.#patient = patient;
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get arrived(): number {
    return [...this.#members.values()].filter((status) => status === 'arrived').length;
  }

  /** Agents that have neither arrived nor failed. */
  get missing(): string[] {
    return [...this.#members].filter(([, status]) => status === 'working').map(([id]) => id);
  }

  arrive(agentId: string): void {
    this.#set(agentId, 'arrived');
  }

  fail(agentId: string, error: BenchError): void {
    if (!this.#failures.has(agentId)) this.#failures.set(agentId, error);
    this.#set(agentId, 'failed');
  }

  /** Stops waiting, with the failures so far. */
  break(): void {
    this.#resolve({ type: 'broken', failures: this.#failures });
  }

  #set(agentId: string, status: MemberStatus): void {
    const before = this.#members.get(agentId);
    if (before === undefined || before === 'failed' || before === status) return;
    this.#members.set(agentId, status);
    if (this.#patient && this.missing.length > 0) return;
    const decision = decideBarrier('all_or_nothing', this.#members);
    if (decision.type === 'release') this.#resolve({ type: 'open' });
    else if (decision.type === 'break') this.break();
  }
}
