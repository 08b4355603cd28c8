import type { RunRequest } from '@sai3bench/barrier-protocol';
import type { BenchError } from '@sai3bench/errors';
import type { AgentMember } from './agent-member.ts';
import { stoppedError } from './agent-errors.ts';
import { Gate } from './gate.ts';
import type { RunObserver } from './run-observer.ts';
import { CONTROLLER, type RunFailure } from './run-outcome.ts';
import type { StopReason } from './stop-signal.ts';

/**
 * The agents of a run together: what is sent to all, what all are waited for, and everything that went wrong, on an
 * agent or here. Whatever breaks the run goes through here once, so that the screen, STATUS.txt, the exit code and the
 * barriers never disagree.
 */
export class AgentTeam {
  readonly members: readonly AgentMember[];
  readonly #observer: RunObserver;
  readonly #failures: RunFailure[] = [];
  #stage: string | undefined;
  #gate: Gate | undefined;
  #endGate: Gate | undefined;
  /** What `#endGate` waits for. */
  #order: 'abort' | 'finish' | undefined;
  /** Gives agents that get on with ending the run more time. */
  #extendEnd: (() => void) | undefined;
  #stopReason: StopReason | undefined;
  #failedHere = false;

  constructor(members: readonly AgentMember[], observer: RunObserver) {
    this.members = members;
    this.#observer = observer;
  }

  /** What went wrong, the first failure first. */
  get failures(): readonly RunFailure[] {
    return this.#failures;
  }

  /** Why the user wants the run to end. */
  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  /** Whether the run cannot go on because of the controller itself. */
  get failedHere(): boolean {
    return this.#failedHere;
  }

  get active(): AgentMember[] {
    return this.members.filter((member) => member.active);
  }

  /** Notes the stage that failures belong to from now on. */
  enterStage(name: string): void {
    this.#stage = name;
  }

  broadcast(commandFor: (member: AgentMember) => RunRequest['command']): void {
    for (const member of this.active) member.link.send(commandFor(member));
  }

  /**
   * A gate that all agents have to arrive at; one that can arrive no more breaks it.
   *
   * @param patient whether to wait for the others when one has failed, instead of breaking at once
   */
  newGate(patient = false): Gate {
    const gate = new Gate(
      this.members.map(({ id }) => id),
      patient,
    );
    this.#gate = gate;
    for (const { failure, id } of this.members) if (failure !== undefined) gate.fail(id, failure);
    if (this.#stopReason !== undefined || this.#failedHere) gate.break();
    return gate;
  }

  arrive(member: AgentMember): void {
    this.#gate?.arrive(member.id);
  }

  /** Notes that an agent takes no further part, and why. Only the first reason counts. */
  fail(member: AgentMember, error: BenchError): void {
    if (!member.active) return;
    member.fail(error);
    if (member.isGone) this.#endGate?.arrive(member.id);
    this.#note(member.id, error);
    this.#gate?.fail(member.id, error);
  }

  /** Notes that an agent could not do all of its work, though it is well itself. */
  failWork(member: AgentMember, error: BenchError): void {
    member.leaveWork(error);
    this.#note(member.id, error);
    this.#gate?.fail(member.id, error);
  }

  /** Notes that the controller itself cannot go on. */
  failHere(error: BenchError): void {
    if (this.#failedHere) return;
    this.#failedHere = true;
    this.#note(CONTROLLER, error);
    this.#gate?.break();
  }

  /** Notes that an agent has ended the run: a failure if nobody told it to. */
  ended(member: AgentMember): void {
    if (!member.isDismissed) this.fail(member, stoppedError(member.agent));
    member.end();
    this.#endGate?.arrive(member.id);
  }

  /** Breaks what is being waited for, because the user wants the end. */
  stop(reason: StopReason): void {
    this.#stopReason = reason;
    this.#gate?.break();
    if (this.#order === 'finish') this.#endGate?.break();
  }

  /** Notes that an agent has got on with ending the run. */
  movedOn(): void {
    this.#extendEnd?.();
  }

  /**
   * Lets the agents that still take part tidy up and end the run.
   *
   * @param timeoutMs how long they may take without getting on
   * @returns those that did not in time, or not before the user wanted the end
   */
  async finish(timeoutMs: number): Promise<readonly AgentMember[]> {
    const command = {
      case: 'finishRun',
      value: { $typeName: 'sai3bench.agent.v1.FinishRun' },
    } as const;
    return this.#dismiss(this.active, 'finish', command, timeoutMs);
  }

  /** Stops the work of all agents, also of those that have failed but can still be talked to. */
  async abort(reason: string, timeoutMs: number): Promise<void> {
    const present = this.members.filter(({ isGone }) => !isGone);
    const command = {
      case: 'abortRun',
      value: { $typeName: 'sai3bench.agent.v1.AbortRun', reason },
    } as const;
    await this.#dismiss(present, 'abort', command, timeoutMs);
  }

  /** Tells agents to end the run and waits until they have, or for a time; returns those that have not. */
  async #dismiss(
    members: readonly AgentMember[],
    order: 'abort' | 'finish',
    command: RunRequest['command'],
    timeoutMs: number,
  ): Promise<readonly AgentMember[]> {
    if (members.length === 0) return [];
    const gate = new Gate(members.map(({ id }) => id));
    this.#endGate = gate;
    this.#order = order;
    for (const member of members) {
      member.dismiss(order);
      member.link.send(command);
    }
    const timer = setTimeout(() => {
      gate.break();
    }, timeoutMs);
    if (order === 'finish') this.#extendEnd = () => timer.refresh();
    await gate.result;
    this.#extendEnd = undefined;
    clearTimeout(timer);
    const missing = new Set(gate.missing);
    return members.filter(({ id }) => missing.has(id));
  }

  #note(agentId: string, error: BenchError): void {
    this.#failures.push({ agentId, stage: this.#stage, error });
    this.#observer.failed(agentId, this.#stage, error);
  }
}
