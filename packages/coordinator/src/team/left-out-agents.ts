import { abortCommand } from '../phases/abort-command.ts';
import type { AgentMember } from './agent-member.ts';
import type { TeamState } from './team-state.ts';

/** Agents that stages of a run have gone on without: for now, or for good. */
export class LeftOutAgents {
  readonly #lacking = new Map<string, number>();
  readonly #givenUp = new Set<string>();
  readonly #stopApart: (member: AgentMember, reason: string) => void;

  /** @param stopApart tells an agent to stop whose stream is gone: it may be alive */
  constructor(stopApart: (member: AgentMember, reason: string) => void) {
    this.#stopApart = stopApart;
  }

  /** All whose work some stage lacks, and the position of the first that does. */
  get lacking(): ReadonlyMap<string, number> {
    return this.#lacking;
  }

  /** Those that the run has gone on without for good. */
  get givenUp(): ReadonlySet<string> {
    return this.#givenUp;
  }

  isGivenUp(agentId: string): boolean {
    return this.#givenUp.has(agentId);
  }

  /**
   * Goes on without an agent: one that has failed is told to end, another finishes what it is at.
   *
   * @param lacking position of the stage that lacks its work, or some of it
   * @param stage position of the first stage without it
   */
  goOnWithout(
    member: AgentMember,
    { lacking, stage }: { readonly lacking: number; readonly stage: number },
  ): void {
    this.#note(member.id, lacking);
    if (member.failure === undefined && !member.ended) leaveBehind(member, stage);
    else this.giveUp(member);
  }

  /** Goes on without an agent for good. */
  giveUp(member: AgentMember): void {
    if (this.#givenUp.has(member.id)) return;
    this.#givenUp.add(member.id);
    if (member.isDismissed) return;
    const reason = 'the run goes on without it';
    if (member.ended) {
      this.#stopApart(member, reason);
      return;
    }
    // One that was silent may read it yet.
    member.dismiss('abort');
    member.link.send(abortCommand(reason));
  }

  /** Notes what another controller has told agents. */
  restore({ givenUp, wentOnWithout }: TeamState): void {
    for (const [id, lacking] of Object.entries(wentOnWithout)) this.#note(id, lacking);
    for (const id of givenUp) this.#givenUp.add(id);
  }

  /** Notes that another controller has begun a stage without an agent, and has told it so. */
  restoreWithout(member: AgentMember, stage: number): void {
    this.#note(member.id, stage);
    if (member.active) member.isLeftBehind = true;
    else this.#givenUp.add(member.id);
  }

  #note(id: string, lacking: number): void {
    if (!this.#lacking.has(id)) this.#lacking.set(id, lacking);
  }
}

function leaveBehind(member: AgentMember, stage: number): void {
  member.isLeftBehind = true;
  const reason =
    member.awaySinceMs === undefined
      ? 'it was not at the barrier in time'
      : 'it was away from the barrier';
  const value = { $typeName: 'sai3bench.agent.v1.ExcludeAgent', stage, reason } as const;
  member.link.send({ case: 'excludeAgent', value });
}
