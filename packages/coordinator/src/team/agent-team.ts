import type { BarrierRule } from '@sai3bench/barrier-protocol';
import { type BenchError, fromErrorRecord } from '@sai3bench/errors';
import { ALL_AT_ONCE, Gate } from '../barrier/gate.ts';
import { endedBeforeError, LED_BY_OTHER, stoppedError } from '../link/agent-errors.ts';
import type { RunObserver } from '../run/run-observer.ts';
import { CONTROLLER, type RunFailure } from '../run/run-outcome.ts';
import type { StopReason } from '../run/stop-signal.ts';
import type { AgentMember } from './agent-member.ts';
import { LeftOutAgents } from './left-out-agents.ts';
import { type FailureListener, RunFailures } from './run-failures.ts';
import { ABORTED, TeamDismissal } from './team-dismissal.ts';
import type { FailureState, TeamState } from './team-state.ts';

/** How long an agent that the run goes on without may take to stop; nobody waits for it. */
const LEFT_OUT_STOP_MS = 5_000;

/**
 * The agents of a run together: what is sent to all, what all are waited for, and everything that went wrong, on an
 * agent or here. Whatever breaks the run goes through here once, so that the screen, STATUS.txt, the exit code and the
 * barriers never disagree.
 */
export class AgentTeam {
  readonly members: readonly AgentMember[];
  readonly #observer: RunObserver;
  readonly #nowMs: () => number;
  readonly #failures = new RunFailures();
  readonly #leftOut: LeftOutAgents;
  #stage: string | undefined;
  #gate: Gate | undefined;
  readonly #dismissal: TeamDismissal;
  #stopReason: StopReason | undefined;
  #failedHere = false;
  /** Called with everything that goes wrong. */
  onFailure: FailureListener = () => undefined;

  /** @param nowMs is a clock that only runs forward */
  constructor(
    members: readonly AgentMember[],
    runId: string,
    observer: RunObserver,
    nowMs: () => number,
  ) {
    this.members = members;
    this.#observer = observer;
    this.#nowMs = nowMs;
    this.#dismissal = new TeamDismissal({ runId, nowMs });
    this.#leftOut = new LeftOutAgents((member, reason) => {
      void this.#dismissal.stopApart([member], reason, LEFT_OUT_STOP_MS);
    });
  }

  /** What went wrong, the first failure first. */
  get failures(): readonly RunFailure[] {
    return this.#failures.all;
  }

  /** Of these, what went wrong in stages that need not work, and after which the run went on. */
  get forgivenFailures(): readonly RunFailure[] {
    return this.#failures.forgiven;
  }

  /** All others. */
  get unforgivenFailures(): readonly RunFailure[] {
    return this.#failures.unforgiven;
  }

  /** Why the user wants the run to end. */
  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  /** Whether the run cannot go on because of the controller itself. */
  get failedHere(): boolean {
    return this.#failedHere;
  }

  /** Whether an agent has said that another controller leads the run: then it is not for this one to end it. */
  get isLedByOther(): boolean {
    return this.members.some(({ failure }) => failure?.code === LED_BY_OTHER);
  }

  /** Whether the run cannot go on because of what went wrong. */
  get isBroken(): boolean {
    return this.#failures.isBroken;
  }

  get active(): AgentMember[] {
    return this.members.filter((member) => member.active);
  }

  /** Agents whose work some stage lacks, by id, and the position of the first that does. */
  get wentOnWithout(): ReadonlyMap<string, number> {
    return this.#leftOut.lacking;
  }

  /** Those that take part in the stage that comes next, or runs. */
  get participants(): AgentMember[] {
    return this.active.filter(({ isLeftBehind }) => !isLeftBehind);
  }

  /** Notes the stage that failures belong to from now on. */
  enterStage(name: string): void {
    this.#stage = name;
  }

  /**
   * A gate that agents have to arrive at. Until there is another, it is told what becomes of them.
   *
   * @param whom `everybody` has those arrive too that were left behind, as soon as they wait for the next stage
   */
  newGate(rule: BarrierRule = ALL_AT_ONCE, whom: 'everybody' | 'participants' = 'everybody'): Gate {
    const members = this.members.filter(
      (member) =>
        (whom === 'everybody' || !member.isLeftBehind) &&
        // Of those that are lost for good, only a majority is to know.
        (rule.type === 'majority' || !this.#leftOut.isGivenUp(member.id)),
    );
    const gate = new Gate(
      new Map(members.map((member) => [member.id, member.statusAtGate])),
      rule,
      this.#nowMs,
    );
    this.#gate = gate;
    for (const { failure, id } of members) if (failure !== undefined) gate.fail(id, failure);
    if (this.#stopReason !== undefined || this.#failedHere) gate.break();
    gate.check();
    return gate;
  }

  /** Goes on in spite of everything that went wrong so far. */
  tolerate(): void {
    this.#failures.tolerate();
  }

  /** Goes on in spite of everything that went wrong in a stage that need not work: all that is not among the first `before`. */
  forgive(before: number): void {
    const forgiven = this.#failures.forgive(before);
    for (const member of this.members) {
      const theirs = forgiven.find(({ agentId }) => agentId === member.id);
      if (theirs !== undefined) member.forgiveWork(theirs.stage);
    }
  }

  /** Whether the run has gone on without an agent for good. */
  hasGivenUp(agentId: string): boolean {
    return this.#leftOut.isGivenUp(agentId);
  }

  /**
   * Goes on without some agents: those that have failed are told to end, others finish what they are at.
   *
   * @param places position of the stage that lacks their work, or some of it, and of the first stage without them
   */
  goOnWithout(
    ids: readonly string[],
    places: { readonly lacking: number; readonly stage: number },
  ): AgentMember[] {
    const members = this.members.filter(({ id }) => ids.includes(id));
    for (const member of members) this.#leftOut.goOnWithout(member, places);
    return members.filter(({ isLeftBehind }) => isLeftBehind);
  }

  /** What is needed to go on from here. */
  state(): TeamState {
    return {
      failures: this.#failures.state(this.members),
      tolerated: this.#failures.tolerated,
      wentOnWithout: Object.fromEntries(this.#leftOut.lacking),
      givenUp: [...this.#leftOut.givenUp],
      leftBehind: this.members.filter(({ isLeftBehind }) => isLeftBehind).map(({ id }) => id),
    };
  }

  /** Goes on from where another controller has ended. */
  restore(state: TeamState): void {
    for (const failure of state.failures) this.restoreFailure(failure);
    this.#failures.restoreTolerated(state.tolerated);
    this.#leftOut.restore(state);
    for (const member of this.members) {
      member.isLeftBehind = state.leftBehind.includes(member.id);
    }
  }

  /** Notes a failure that another controller has seen and told of. */
  restoreFailure({ agentId, error: record, isForgiven, isLost, stage }: FailureState): void {
    const member = this.members.find(({ id }) => id === agentId);
    const error = fromErrorRecord(record);
    if (isLost) member?.fail(error);
    else if (isForgiven) member?.forgiveWork(stage);
    else member?.leaveWork(error);
    this.#failures.restore({ agentId, stage, error }, isForgiven);
  }

  /** Notes whom another controller has begun a stage with: without the others, in spite of all that went wrong before. */
  restoreParticipants(ids: readonly string[], stage: number): void {
    this.tolerate();
    for (const member of this.members) {
      if (!ids.includes(member.id)) this.#leftOut.restoreWithout(member, stage);
    }
  }

  /** Lets those take part again that were left behind and have arrived at a gate since. */
  rejoin(gate: Gate): void {
    for (const member of this.active) {
      if (member.isLeftBehind && gate.hasArrived(member.id)) member.isLeftBehind = false;
    }
  }

  /** Notes that an agent cannot be heard for now. */
  away(member: AgentMember): void {
    member.awaySinceMs = this.#nowMs();
    this.#gate?.leave(member.id);
  }

  /** Notes that an agent can be heard again; returns how long it was away. */
  back(member: AgentMember): number {
    const awayMs = this.#nowMs() - (member.awaySinceMs ?? this.#nowMs());
    if (member.awaySinceMs !== undefined) member.reconnects++;
    member.awaySinceMs = undefined;
    this.#gate?.comeBack(member.id);
    return awayMs;
  }

  arrive(member: AgentMember): void {
    this.#gate?.arrive(member.id);
  }

  /** Notes that an agent takes no further part, and why. Only the first reason counts. */
  fail(member: AgentMember, error: BenchError): void {
    if (!member.active) return;
    member.fail(error);
    if (member.isLost) this.#dismissal.arrive(member.id);
    this.#note(member.id, error, true);
    this.#gate?.fail(member.id, error);
    if (this.isLedByOther) this.#gate?.break();
  }

  /** Notes that an agent could not do all of its work, though it is well itself. */
  failWork(member: AgentMember, error: BenchError): void {
    member.leaveWork(error);
    if (!this.#failures.isKnown({ agentId: member.id, stage: this.#stage, error })) {
      this.#note(member.id, error, false);
    }
    this.#gate?.fail(member.id, error);
  }

  /** Notes that the controller itself cannot go on. */
  failHere(error: BenchError): void {
    if (this.#failedHere) return;
    this.#failedHere = true;
    this.#note(CONTROLLER, error, true);
    this.#gate?.break();
  }

  /** Notes that an agent has ended the run: a failure if nobody told it to. */
  ended(member: AgentMember): void {
    if (!member.isDismissed) this.fail(member, stoppedError(member.agent));
    member.end();
    this.#dismissal.arrive(member.id);
    if (member.isDismissed) this.#gate?.arrive(member.id);
  }

  /** Notes that another controller has told an agent to end the run, and why: that is no failure of the agent. */
  endedBefore(member: AgentMember, reason: string): void {
    if (member.isDismissed) return;
    member.dismiss('abort');
    if (this.#failures.all.every(({ agentId }) => agentId !== CONTROLLER)) {
      this.#note(CONTROLLER, endedBeforeError(reason), true);
    }
    this.#gate?.break();
  }

  /** Breaks what is being waited for, because the user wants the end. */
  stop(reason: StopReason): void {
    this.#stopReason = reason;
    this.#gate?.break();
    this.#dismissal.stop();
  }

  /** Notes that an agent has got on with ending the run. */
  movedOn(): void {
    this.#dismissal.movedOn();
  }

  /**
   * Lets the agents that still take part tidy up and end the run.
   *
   * @param timeoutMs how long they may take without getting on
   * @returns those that did not in time, or not before the user wanted the end
   */
  async finish(timeoutMs: number): Promise<readonly AgentMember[]> {
    for (const member of this.active.filter(({ isIdle }) => !isIdle)) this.#leftOut.giveUp(member);
    return this.#dismissal.finish(
      this.active.filter(({ isIdle }) => isIdle),
      timeoutMs,
    );
  }

  /** Stops the work of all agents, also of those that have failed: they may be alive. */
  async abort(reason: string, timeoutMs: number): Promise<void> {
    await this.#dismissal.abort(this.members, reason, timeoutMs);
  }

  /** Stops agents that have not confirmed the end of a run by another way than their streams. */
  async stopUnconfirmed(timeoutMs: number): Promise<void> {
    await this.#dismissal.stopApart(this.members, ABORTED, timeoutMs);
  }

  #note(agentId: string, error: BenchError, isLost: boolean): void {
    const failure = { agentId, stage: this.#stage, error };
    this.#failures.add(failure);
    this.#observer.failed(agentId, this.#stage, error);
    this.onFailure(failure, isLost);
  }
}
