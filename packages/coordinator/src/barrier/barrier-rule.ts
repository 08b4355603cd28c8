import type { BarrierRule } from '@sai3bench/barrier-protocol';
import type { Stage } from '@sai3bench/workload-config';

/**
 * What the barrier after a stage asks of the agents. Stragglers have one heartbeat interval once all have come that have
 * to. After a stage that cleans up or compares, or that need not work, the others end their work when one has failed.
 */
export function barrierRule({ barrier, kind, optional }: Stage): BarrierRule {
  return {
    type: barrier.type,
    stragglerGraceMs: barrier.heartbeatIntervalMs,
    isPatient: kind === 'cleanup' || kind === 'verify' || optional,
  };
}
