import { BarrierState, type BarrierRule, type MemberStatus } from '@sai3bench/barrier-protocol';
import type { BenchError } from '@sai3bench/errors';

/** How waiting at a gate ended. */
export type GateResult =
  | {
      readonly type: 'open';
      /** Those that the run goes on without: that have failed, or have not come. */
      readonly without: readonly string[];
    }
  | { readonly type: 'broken'; readonly failures: ReadonlyMap<string, BenchError> };

/** Opens when every agent has arrived, and breaks as soon as one can arrive no more. */
export const ALL_AT_ONCE: BarrierRule = {
  type: 'all_or_nothing',
  stragglerGraceMs: 0,
  isPatient: false,
};

/** A barrier that the coordinator waits at. What it decides is up to {@link BarrierState}. */
export class Gate {
  readonly result: Promise<GateResult>;
  readonly #state: BarrierState;
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, BenchError>();
  #resolve: (result: GateResult) => void = () => undefined;
  #isOver = false;
  #isBroken = false;
  #linger: NodeJS.Timeout | undefined;
  #firstArrivedAtMs: number | undefined;

  /** @param nowMs is a clock that only runs forward */
  constructor(members: ReadonlyMap<string, MemberStatus>, rule: BarrierRule, nowMs: () => number) {
    this.#state = new BarrierState(rule, members);
    this.#nowMs = nowMs;
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Whether it can open no more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  get arrived(): number {
    return this.#with('arrived').length;
  }

  /** Agents that have neither arrived nor failed. */
  get missing(): string[] {
    return [...this.#with('working'), ...this.#with('away')];
  }

  /** How long the first to arrive has been waiting; 0 while nobody is. */
  get waitedMs(): number {
    return this.#firstArrivedAtMs === undefined ? 0 : this.#nowMs() - this.#firstArrivedAtMs;
  }

  hasArrived(agentId: string): boolean {
    return this.#state.members.get(agentId) === 'arrived';
  }

  arrive(agentId: string): void {
    this.#set(agentId, 'arrived');
    if (this.hasArrived(agentId)) this.#firstArrivedAtMs ??= this.#nowMs();
  }

  /** Notes that an agent cannot be heard for now. */
  leave(agentId: string): void {
    this.#set(agentId, 'away');
  }

  /** Notes that an agent is there again, and still at work. */
  comeBack(agentId: string): void {
    this.#set(agentId, 'working');
  }

  fail(agentId: string, error: BenchError): void {
    if (!this.#failures.has(agentId)) this.#failures.set(agentId, error);
    this.#set(agentId, 'failed');
  }

  /** Looks whether it is open or broken already: nobody may have to come. */
  check(): void {
    if (this.#isOver) return;
    clearTimeout(this.#linger);
    const decision = this.#state.decide(this.#nowMs());
    switch (decision.type) {
      case 'wait':
        return;
      case 'linger':
        this.#linger = setTimeout(() => {
          this.check();
        }, Math.ceil(decision.leftMs));
        return;
      case 'release':
        this.#end({ type: 'open', without: decision.without });
        return;
      case 'break':
        this.break();
    }
  }

  /** Stops waiting, with the failures so far. */
  break(): void {
    this.#end({ type: 'broken', failures: this.#failures });
  }

  #set(agentId: string, status: MemberStatus): void {
    this.#state.set(agentId, status);
    this.check();
  }

  #end(result: GateResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isBroken = result.type === 'broken';
    clearTimeout(this.#linger);
    this.#resolve(result);
  }

  #with(wanted: MemberStatus): string[] {
    return [...this.#state.members].filter(([, status]) => status === wanted).map(([id]) => id);
  }
}
