import type { BenchError } from '@sai3bench/errors';
import type { ActiveRun } from '../run/active-run.ts';
import type { Gate, GateResult } from './gate.ts';

const REPORT_INTERVAL_MS = 1_000;

/** How agents are waited for. */
export interface GateWait {
  readonly timeoutMs: number;
  /** When somebody last got on, from which the time counts; from the beginning when it is not given. */
  readonly movedAtMs?: () => number;
  /** Told once a second how many have arrived, and how long the others still have. */
  readonly report: (arrived: number, msLeft: number) => void;
  /** What to say of an agent that did not arrive in time. */
  readonly lateError: (agentId: string) => BenchError;
}

/** Waits until a gate is open or broken; agents that have not arrived in time have failed. */
export async function waitAtGate(run: ActiveRun, gate: Gate, wait: GateWait): Promise<GateResult> {
  const beganAtMs = run.nowMs();
  const msLeft = (): number => (wait.movedAtMs?.() ?? beganAtMs) + wait.timeoutMs - run.nowMs();
  const report = (): void => {
    wait.report(gate.arrived, msLeft());
  };
  report();
  const reports = setInterval(report, REPORT_INTERVAL_MS);
  let deadline: NodeJS.Timeout | undefined;
  const watchDeadline = (): void => {
    if (msLeft() > 0) {
      deadline = setTimeout(watchDeadline, Math.ceil(msLeft()));
      return;
    }
    const late = new Set(gate.missing);
    for (const member of run.team.members) {
      if (late.has(member.id)) run.team.fail(member, wait.lateError(member.id));
    }
  };
  watchDeadline();
  try {
    return await gate.result;
  } finally {
    clearInterval(reports);
    clearTimeout(deadline);
  }
}
