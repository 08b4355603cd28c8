import type { StateTransfer } from '../dataset/plan-state-exchange.ts';
import type { AgentMember } from './agent-member.ts';
import type { Gate } from './gate.ts';

/** Transfers that are under way: states are fetched from one agent and handed to another, one range at a time. */
export class StateExchange {
  readonly #members: ReadonlyMap<string, AgentMember>;
  readonly #transfers: readonly StateTransfer[];
  readonly #gate: Gate;
  #current = -1;

  constructor(members: readonly AgentMember[], transfers: readonly StateTransfer[], gate: Gate) {
    this.#members = new Map(members.map((member) => [member.id, member]));
    this.#transfers = transfers;
    this.#gate = gate;
    this.#next();
  }

  /** An agent has sent what it knows. */
  states(request: number, states: Uint8Array, doubtful: string[]): void {
    const transfer = this.#transfers[request];
    if (transfer === undefined || request !== this.#current) return;
    const { identity, to } = transfer;
    this.#members.get(to)?.link.send({
      case: 'takeStates',
      value: {
        $typeName: 'sai3bench.agent.v1.TakeStates',
        ...{ request, identity, states, doubtful },
        begin: BigInt(transfer.begin),
        end: BigInt(transfer.end),
        generation: BigInt(transfer.generation),
        sequence: BigInt(transfer.sequence),
      },
    });
  }

  /** An agent knows now what another knew. */
  taken(request: number): void {
    if (request === this.#current) this.#next();
  }

  #next(): void {
    const transfer = this.#transfers[++this.#current];
    if (transfer === undefined) {
      for (const id of this.#members.keys()) this.#gate.arrive(id);
      return;
    }
    this.#members.get(transfer.from)?.link.send({
      case: 'sendStates',
      value: {
        $typeName: 'sai3bench.agent.v1.SendStates',
        request: this.#current,
        identity: transfer.identity,
        begin: BigInt(transfer.begin),
        end: BigInt(transfer.end),
      },
    });
  }
}
