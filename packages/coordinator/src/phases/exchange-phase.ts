import { waitAtGate } from '../barrier/wait-at-gate.ts';
import { planStateExchange, type StateTransfer } from '../dataset/plan-state-exchange.ts';
import { StateExchange } from '../dataset/state-exchange.ts';
import { notExchangedError } from '../link/agent-errors.ts';
import type { ActiveRun } from '../run/active-run.ts';
import type { AgentMember } from '../team/agent-member.ts';

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
  return done.type === 'open' && !run.isOver;
}

/** The datasets that any agent was interrupted in making. */
export function unfinishedDatasets(members: readonly AgentMember[]): string[] {
  const unfinished = members.flatMap(({ knowledge }) =>
    knowledge.flatMap((pool) => (pool.unfinished ? [pool.identity] : [])),
  );
  return [...new Set(unfinished)];
}

function inMessages(transfer: StateTransfer): StateTransfer[] {
  const pieces: StateTransfer[] = [];
  for (let { begin } = transfer; begin < transfer.end; begin += MESSAGE_OBJECTS) {
    pieces.push({ ...transfer, begin, end: Math.min(begin + MESSAGE_OBJECTS, transfer.end) });
  }
  return pieces;
}
