import type { Gate } from '../barrier/gate.ts';
import type { AgentMember } from '../team/agent-member.ts';
import type { StateTransfer } from './plan-state-exchange.ts';

/** What an agent has told of a range of objects. */
export interface ToldStates {
  readonly request: number;
  readonly states: Uint8Array;
  /** Names of states that may not hold any more. */
  readonly doubtful: string[];
  /** When the first run began that made objects of the dataset, ISO 8601; empty where that is not known. */
  readonly madeSince: string;
}

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
  states({ doubtful, madeSince, request, states }: ToldStates): void {
    const transfer = this.#transfers[request];
    if (transfer === undefined || request !== this.#current) return;
    const { identity, to } = transfer;
    this.#members.get(to)?.link.send({
      case: 'takeStates',
      value: {
        $typeName: 'sai3bench.agent.v1.TakeStates',
        ...{ request, identity, states, doubtful, madeSince },
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
