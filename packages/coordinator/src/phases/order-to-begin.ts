import { conditionToWire, type PlainPoolCondition } from '@sai3bench/barrier-protocol';
import type { AgentMember } from '../team/agent-member.ts';

/**
 * Tells an agent when to begin a stage; its clock has to be known.
 *
 * @param instantNs when, on our monotonic clock
 */
export function orderToBegin(
  member: AgentMember,
  stage: number,
  instantNs: number,
  conditions: readonly PlainPoolCondition[],
): void {
  member.isIdle = false;
  const startNs = instantNs + member.clock.at(instantNs).offsetNs;
  member.link.send({
    case: 'beginStage',
    value: {
      $typeName: 'sai3bench.agent.v1.BeginStage',
      ...{ stage, startAtMonotonicNs: BigInt(Math.round(startNs)) },
      pools: conditions.map(conditionToWire),
    },
  });
}
