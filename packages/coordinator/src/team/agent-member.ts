import type { LivenessFacts, MemberStatus, PlainPoolKnowledge } from '@sai3bench/barrier-protocol';
import { NOT_CONFIRMED } from '../run/unconfirmed-ends.ts';
import { type HostProcess, isProcessGone } from '@sai3bench/control-link';
import type { BenchError } from '@sai3bench/errors';
import type { AgentStatus } from '@sai3bench/results-dir';
import type { AgentPlan } from '@sai3bench/workload-config';
import type { RosterEntry } from '../roster/roster.ts';
import type { AgentLink } from '../link/agent-link.ts';
import { MemberClock } from './member-clock.ts';

/** Failures after which nothing can be said to an agent any more. */
const GONE = new Set(['AGENT_LOST', 'AGENT_UNREACHABLE']);
/** Failures after which nothing is expected of it. One that is silent may only stand still, and hear it when it goes on. */
const LOST = new Set([...GONE, 'AGENT_SILENT']);

/** How an agent was told to end a run, if it was. */
export type EndOrder = 'none' | 'abort' | 'finish';

/** One agent of a run and what has become of it. */
export class AgentMember {
  readonly agent: RosterEntry;
  readonly plan: AgentPlan;
  readonly link: AgentLink;
  readonly clock = new MemberClock();
  facts: LivenessFacts;
  /** What it knew of the datasets of its plan when it became ready. */
  knowledge: readonly PlainPoolKnowledge[] = [];
  /** Its process, where that is known. */
  process: HostProcess | undefined;
  /** Since when it has been away; undefined while it is connected. */
  awaySinceMs: number | undefined;
  /** How often it has come back. */
  reconnects = 0;
  /** Whether the others have gone on without it: it finishes what it is at, and joins again at a later barrier. */
  isLeftBehind = false;
  /** Whether it waits for the next stage. */
  isIdle = false;
  /** Whether it was told to end the stage that it is at with what it has done; the run goes on. */
  isToEndStage = false;
  /** Whether this controller has led it from the start, or knows where the one before has left it. */
  isTakenOver = true;
  /** Where it was when it was taken over from another controller. */
  stateAtTakeover: { readonly state: string; readonly stage: number } | undefined;
  #failure: BenchError | undefined;
  #incomplete: BenchError | undefined;
  /** Whether it is at work for the run, and would go on without this controller. */
  goesOnAlone = false;
  /** Names of stages that need not work, and in which it did not do all of its work. */
  readonly #forgivenStages = new Set<string>();
  #order: EndOrder = 'none';
  #ended = false;
  #hasConfirmed = false;

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

  /** Whether its process is known to have ended. */
  get isProcessGone(): boolean {
    return this.process !== undefined && isProcessGone(this.process);
  }

  /** Whether it was at work on a stage when it was taken over from another controller. */
  get wasAtWork(): boolean {
    const { state } = this.stateAtTakeover ?? {};
    return state === 'loading' || state === 'running';
  }

  /** How a barrier begins to wait for it. */
  get statusAtGate(): MemberStatus {
    if (this.isLeftBehind && this.isIdle) return 'arrived';
    return this.awaySinceMs === undefined ? 'working' : 'away';
  }

  /** Whether it still takes part. */
  get active(): boolean {
    return this.#failure === undefined && !this.#ended;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether nothing more can be said to it. */
  get isGone(): boolean {
    return this.#ended || (this.#failure !== undefined && GONE.has(this.#failure.code));
  }

  /** Whether it has failed in a way that nothing more is expected of it. */
  get isLost(): boolean {
    return this.#failure !== undefined && LOST.has(this.#failure.code);
  }

  /** Whether it may still do I/O for the run: nobody has heard that it does not. */
  get isUnconfirmed(): boolean {
    return this.goesOnAlone && !this.#hasConfirmed && !this.isProcessGone;
  }

  get order(): EndOrder {
    return this.#order;
  }

  /** Whether it was told to end the run. */
  get isDismissed(): boolean {
    return this.#order !== 'none';
  }

  /** Notes why it takes no further part. */
  fail(error: BenchError): void {
    this.#failure ??= error;
  }

  /** Notes that it did not do all of its work, though it is well itself. */
  leaveWork(error: BenchError): void {
    this.#incomplete ??= error;
  }

  /** Forgets that: the work of the stage need not have been done. */
  forgiveWork(stage = ''): void {
    this.#incomplete = undefined;
    this.#forgivenStages.add(stage);
  }

  /** Notes that it was told to end the run. */
  dismiss(order: EndOrder): void {
    this.#order = order;
  }

  /** Notes that nothing more comes of it. */
  end(): void {
    this.#ended = true;
  }

  /** Notes that it has said that it does no more I/O for the run. */
  confirmEnd(): void {
    this.#hasConfirmed = true;
  }

  /** Notes a sign of life. */
  heard(nowMs: number): void {
    this.facts = { heardAtMs: nowMs, queries: 0, queriedAtMs: 0 };
  }

  /** How it is listed in STATUS.txt. */
  status(): AgentStatus {
    const agentId = this.id;
    const error = this.#failure ?? this.#incomplete;
    if (error !== undefined) {
      const state = LOST.has(error.code) ? 'Disconnected' : 'Failed';
      const wasLeftAlone = error.code === 'CONTROLLER_AWAY';
      return { agentId, state: wasLeftAlone ? 'Stopped' : state, reason: error.message };
    }
    switch (this.#order) {
      case 'finish':
        return { agentId, state: 'Completed', reason: this.#whatIsDone };
      case 'abort':
        return this.isUnconfirmed
          ? { agentId, state: 'Not reached', reason: NOT_CONFIRMED }
          : { agentId, state: 'Stopped', reason: 'the run was aborted' };
      case 'none':
        return { agentId, state: 'Not started', reason: 'the run ended before its first stage' };
    }
  }

  get #whatIsDone(): string {
    const without = [...this.#forgivenStages].map((name) => `the optional ${name}`);
    return without.length === 0 ? 'all stages done' : `all stages done but ${without.join(', ')}`;
  }
}
