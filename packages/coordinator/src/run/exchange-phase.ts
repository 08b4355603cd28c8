import { planStateExchange, type StateTransfer } from '../dataset/plan-state-exchange.ts';
import type { ActiveRun } from './active-run.ts';
import { notExchangedError } from './agent-errors.ts';
import type { AgentMember } from './agent-member.ts';
import type { Gate } from './gate.ts';
import { waitAtGate } from './wait-at-gate.ts';

/** Objects whose states go into one message: they take 3 bits each at most. */
const MESSAGE_OBJECTS = 4_194_304;

/**
 * Lets agents hand each other what they know of objects that belong to another agent now, so that a dataset survives a
 * change of its agents. Returns whether the run can go on.
 */
export async function exchangeStates(run: ActiveRun): Promise<boolean> {
  const { members } = run.team;
  const transfers = planStateExchange(
    members.map(({ id, knowledge }) => ({ agentId: id, pools: knowledge })),
  ).flatMap(inMessages);
  if (transfers.length === 0) return !run.isOver;
  run.options.observer.detail(
    `Handing the states of ${String(transfers.length)} ranges of objects to the agents that own them now`,
  );
  const gate = run.team.newGate();
  run.exchange = new StateExchange(members, transfers, gate);
  const timeoutMs = run.options.workload.agentReadyTimeoutMs;
  const done = await waitAtGate(run, gate, {
    timeoutMs,
    report: () => undefined,
    lateError: (id) => notExchangedError(id, timeoutMs),
  });
  run.exchange = undefined;
  return done && !run.isOver;
}

/** Whether any agent was interrupted while it made a dataset. */
export function isUnfinished(members: readonly AgentMember[]): boolean {
  return members.some(({ knowledge }) => knowledge.some(({ unfinished }) => unfinished));
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
  states(request: number, states: Uint8Array): void {
    const transfer = this.#transfers[request];
    if (transfer === undefined || request !== this.#current) return;
    const { identity, to } = transfer;
    this.#members.get(to)?.link.send({
      case: 'takeStates',
      value: {
        $typeName: 'sai3bench.agent.v1.TakeStates',
        ...{ request, identity, states },
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

function inMessages(transfer: StateTransfer): StateTransfer[] {
  const pieces: StateTransfer[] = [];
  for (let { begin } = transfer; begin < transfer.end; begin += MESSAGE_OBJECTS) {
    pieces.push({ ...transfer, begin, end: Math.min(begin + MESSAGE_OBJECTS, transfer.end) });
  }
  return pieces;
}
