import type { RunRequest } from '@sai3bench/barrier-protocol';
import { ALL_AT_ONCE, Gate } from '../barrier/gate.ts';
import { abortCommand } from '../phases/abort-command.ts';
import type { AgentMember } from './agent-member.ts';

/** What agents can be told to end a run. */
type Order = 'abort' | 'finish';

/** What agents are told that hear of it by another way than their streams. */
export const ABORTED = 'the run was aborted';
/** After so long without a word, an order to stop may not have arrived. */
const SILENT_MS = 600;

/** What a dismissal needs to know. */
export interface TeamDismissalOptions {
  readonly runId: string;
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

  /**
   * Stops the work of agents, also of those that have failed: as long as they may be alive they may do I/O. Those of
   * which nothing is heard on their stream are told by another way.
   */
  async abort(members: readonly AgentMember[], reason: string, timeoutMs: number): Promise<void> {
    const present = members.filter(({ isGone }) => !isGone);
    const gone = members.filter(({ isGone }) => isGone);
    await Promise.all([
      this.#dismiss(present, 'abort', abortCommand(reason), timeoutMs),
      this.stopApart(gone, ABORTED, timeoutMs),
    ]);
  }

  /** Stops agents that have not confirmed the end, without their streams: another way to them may still be open. */
  async stopApart(
    members: readonly AgentMember[],
    reason: string,
    timeoutMs: number,
  ): Promise<void> {
    const { runId } = this.#options;
    const unconfirmed = members.filter(({ isUnconfirmed }) => isUnconfirmed);
    await Promise.all(
      unconfirmed.map((member) =>
        member.link.stop(runId, reason, timeoutMs).then(
          () => {
            member.confirmEnd();
          },
          () => undefined, // It is told of at the end of the run, with all that have not confirmed it.
        ),
      ),
    );
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
    }
    const timer = setTimeout(() => {
      gate.break();
    }, timeoutMs);
    if (order === 'finish') this.#extend = () => timer.refresh();
    const apart = order === 'abort' ? this.#stopSilent(members, gate, timeoutMs) : undefined;
    await gate.result;
    this.#extend = undefined;
    clearTimeout(timer);
    clearTimeout(apart);
    const missing = new Set(gate.missing);
    return members.filter(({ id }) => missing.has(id));
  }

  /** Tells agents by another way to stop: at once where the stream is known to be broken, otherwise when it seems to be. */
  #stopSilent(members: readonly AgentMember[], gate: Gate, timeoutMs: number): NodeJS.Timeout {
    const away = members.filter(({ awaySinceMs }) => awaySinceMs !== undefined);
    void this.stopApart(away, ABORTED, timeoutMs);
    return setTimeout(() => {
      const missing = new Set(gate.missing);
      const silent = members.filter((each) => missing.has(each.id) && !away.includes(each));
      void this.stopApart(silent, ABORTED, timeoutMs - SILENT_MS);
    }, SILENT_MS);
  }
}
