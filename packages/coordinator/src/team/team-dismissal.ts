import type { RunRequest } from '@sai3bench/barrier-protocol';
import { abortCommand } from '../phases/abort-command.ts';
import type { AgentMember } from './agent-member.ts';
import { ALL_AT_ONCE, Gate } from '../barrier/gate.ts';
import type { RunObserver } from '../run/run-observer.ts';

/** What agents can be told to end a run. */
type Order = 'abort' | 'finish';

/** What a dismissal needs to know. */
export interface TeamDismissalOptions {
  readonly runId: string;
  readonly observer: RunObserver;
  /** A clock that only runs forward. */
  readonly nowMs: () => number;
}

/** The end of a run for its agents: what they are told, and who of them is waited for. */
export class TeamDismissal {
  readonly #options: TeamDismissalOptions;
  #gate: Gate | undefined;
  /** What `#gate` waits for. */
  #order: Order | undefined;
  /** Gives agents that get on more time. */
  #extend: (() => void) | undefined;

  constructor(options: TeamDismissalOptions) {
    this.#options = options;
  }

  /**
   * Lets agents tidy up and end the run.
   *
   * @param timeoutMs how long they may take without getting on
   * @returns those that did not in time, or not before the user wanted the end
   */
  async finish(
    members: readonly AgentMember[],
    timeoutMs: number,
  ): Promise<readonly AgentMember[]> {
    const command = {
      case: 'finishRun',
      value: { $typeName: 'sai3bench.agent.v1.FinishRun' },
    } as const;
    return this.#dismiss(members, 'finish', command, timeoutMs);
  }

  /** Stops the work of agents, also of those that have failed but can still be talked to, or may only stand still. */
  async abort(members: readonly AgentMember[], reason: string, timeoutMs: number): Promise<void> {
    const present = members.filter(({ isGone }) => !isGone);
    for (const member of members) {
      if (member.isGone && !member.ended) member.link.send(abortCommand(reason));
    }
    const late = await this.#dismiss(present, 'abort', abortCommand(reason), timeoutMs);
    for (const { awaySinceMs, id } of late) {
      if (awaySinceMs === undefined) continue;
      this.#options.observer.warning(
        `${id} is away and could not be told to stop: it stops by itself when reconnect_grace is over`,
      );
    }
  }

  /** Notes that an agent has ended the run, or that nothing more is expected of it. */
  arrive(agentId: string): void {
    this.#gate?.arrive(agentId);
  }

  /** Notes that an agent has got on with ending the run. */
  movedOn(): void {
    this.#extend?.();
  }

  /** Waits no longer for agents that tidy up, because the user wants the end. */
  stop(): void {
    if (this.#order === 'finish') this.#gate?.break();
  }

  /** Tells agents to end the run and waits until they have, or for a time; returns those that have not. */
  async #dismiss(
    members: readonly AgentMember[],
    order: Order,
    command: RunRequest['command'],
    timeoutMs: number,
  ): Promise<readonly AgentMember[]> {
    if (members.length === 0) return [];
    const gate = new Gate(
      new Map(members.map(({ id }) => [id, 'working'])),
      ALL_AT_ONCE,
      this.#options.nowMs,
    );
    this.#gate = gate;
    this.#order = order;
    for (const member of members) {
      member.dismiss(order);
      // Another controller has told it, and it is at it.
      if (order === 'finish' && member.stateAtTakeover?.state === 'closing') continue;
      member.link.send(command);
      if (order === 'abort' && member.awaySinceMs !== undefined) this.#stopApart(member, timeoutMs);
    }
    const timer = setTimeout(() => {
      gate.break();
    }, timeoutMs);
    if (order === 'finish') this.#extend = () => timer.refresh();
    await gate.result;
    this.#extend = undefined;
    clearTimeout(timer);
    const missing = new Set(gate.missing);
    return members.filter(({ id }) => missing.has(id));
  }

  /** Stops an agent whose stream is broken: another way to it may still be open. */
  #stopApart(member: AgentMember, timeoutMs: number): void {
    member.link.stop(this.#options.runId, 'the run was aborted', timeoutMs).then(
      () => {
        member.end();
        this.arrive(member.id);
      },
      () => undefined, // It is told of with those that did not end in time.
    );
  }
}
