import {
  type BarrierDecision,
  type BarrierRule,
  decideBarrier,
  hasQuorum,
  type MemberStatus,
} from './barrier.ts';

/**
 * A barrier as it is at some time: who is where, and since when those that have to come have been there. Once it is
 * released or broken it stays so, whatever is heard later.
 */
export class BarrierState {
  readonly #rule: BarrierRule;
  readonly #members: Map<string, MemberStatus>;
  #quorumAtMs: number | undefined;
  #final: BarrierDecision | undefined;

  constructor(rule: BarrierRule, members: ReadonlyMap<string, MemberStatus>) {
    this.#rule = rule;
    this.#members = new Map(members);
  }

  get members(): ReadonlyMap<string, MemberStatus> {
    return this.#members;
  }

  /** Notes where a member is. Those that have failed stay so, and those that have arrived cannot leave again. */
  set(id: string, status: MemberStatus): void {
    const before = this.#members.get(id);
    if (before === undefined || before === 'failed') return;
    if (before === 'arrived' && status !== 'failed') return;
    this.#members.set(id, status);
  }

  /** @param nowMs of a clock that only runs forward */
  decide(nowMs: number): BarrierDecision {
    if (this.#final !== undefined) return this.#final;
    if (!hasQuorum(this.#rule.type, this.#members)) this.#quorumAtMs = undefined;
    else this.#quorumAtMs ??= nowMs;
    const quorumForMs = this.#quorumAtMs === undefined ? undefined : nowMs - this.#quorumAtMs;
    const decision = decideBarrier(this.#rule, { members: this.#members, quorumForMs });
    if (decision.type === 'release' || decision.type === 'break') this.#final = decision;
    return decision;
  }
}
