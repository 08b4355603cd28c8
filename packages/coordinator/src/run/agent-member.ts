import type { ClockOffset, LivenessFacts } from '@sai3bench/barrier-protocol';
import type { BenchError } from '@sai3bench/errors';
import type { AgentStatus } from '@sai3bench/results-dir';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { RosterEntry } from '../roster/roster.ts';
import type { AgentLink } from './agent-link.ts';

/** One agent of a run and what has become of it. */
export class AgentMember {
  readonly agent: RosterEntry;
  readonly plan: AgentPlan;
  readonly link: AgentLink;
  clock: ClockOffset = { offsetNs: 0, errorNs: 0 };
  facts: LivenessFacts;
  /** Sum of its stage times so far. */
  stagesMs = 0;
  #failure: BenchError | undefined;
  #aborted = false;
  #ended = false;

  constructor(agent: RosterEntry, plan: AgentPlan, link: AgentLink, nowMs: number) {
    this.agent = agent;
    this.plan = plan;
    this.link = link;
    this.facts = { heardAtMs: nowMs, queries: 0, queriedAtMs: 0 };
  }

  get id(): string {
    return this.agent.id;
  }

  /** Why it takes no further part. */
  get failure(): BenchError | undefined {
    return this.#failure;
  }

  /** Whether it still takes part. */
  get active(): boolean {
    return this.#failure === undefined && !this.#ended;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Notes the first failure; returns whether it is the first. */
  fail(error: BenchError): boolean {
    if (this.#failure !== undefined) return false;
    this.#failure = error;
    return true;
  }

  abort(): void {
    this.#aborted = true;
  }

  end(): void {
    this.#ended = true;
  }

  /** Notes a sign of life. */
  heard(nowMs: number): void {
    this.facts = { heardAtMs: nowMs, queries: 0, queriedAtMs: 0 };
  }

  /** How it is listed in STATUS.txt. */
  status(): AgentStatus {
    const agentId = this.id;
    if (this.#failure !== undefined) {
      const lost = ['AGENT_LOST', 'AGENT_SILENT', 'AGENT_UNREACHABLE'].includes(this.#failure.code);
      return {
        agentId,
        state: lost ? 'Disconnected' : 'Failed',
        reason: this.#failure.message,
      };
    }
    if (this.#aborted) return { agentId, state: 'Aborting', reason: 'the run was aborted' };
    return { agentId, state: 'Completed', reason: 'all stages done' };
  }
}
